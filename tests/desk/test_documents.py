"""What the desk shows of a paper: images of what is clean, and a copy that is logged."""

import io

import pytest
from PIL import Image

from pridvor.documents.models import Document, File
from pridvor.vault.models import Look
from tests.partner import Partner, good, other_letter

pytestmark = pytest.mark.django_db


def url(case, file, tail=""):
    return f"/desk/cases/{case.public_id}/files/{file.public_id}/{tail}"


def test_pages_are_images_and_a_copy_is_the_file_itself(carmen, ours):
    ours.papers(bank_letter=good("bank-letter")).send()
    file = File.objects.get(document__case=ours.case)
    image = carmen.get(url(ours.case, file, "0.webp"))
    assert image["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(image.content)).width > 300
    assert url(ours.case, file, "0.webp") in carmen.text(f"/desk/cases/{ours.case.public_id}/")
    copy = carmen.get(url(ours.case, file))
    assert b"".join(copy.streaming_content) == good("bank-letter")
    assert copy["Content-Disposition"].startswith("attachment")
    assert copy["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert ["copy:bank-letter"] in list(
        Look.objects.filter(actor_id=carmen.person.actor.id).values_list("fields", flat=True)
    )


def test_nothing_is_shown_of_a_file_that_is_not_clean(carmen, ours):
    file = ours.begin("bank-letter", good("bank-letter"))
    ours.items = ["bank-letter"]
    ours.send()
    assert carmen.get(url(ours.case, file, "0.webp")).status_code == 404
    assert carmen.get(url(ours.case, file)).status_code == 404
    assert url(ours.case, file) not in carmen.text(f"/desk/cases/{ours.case.public_id}/")


@pytest.mark.parametrize("number", [7, 400])
def test_a_page_that_is_not_there_does_not_exist(carmen, ours, number):
    file = ours.upload("bank-letter", good("bank-letter"))
    assert carmen.get(url(ours.case, file, f"{number}.webp")).status_code == 404


def test_a_file_is_found_only_under_its_own_case(carmen, ours, emil):
    file = ours.upload("bank-letter", good("bank-letter"))
    assert carmen.get(url(Partner(emil, name="Alta SRL").case, file)).status_code == 404


def test_the_version_before_is_there_to_compare(carmen, ours):
    ours.papers(bank_letter=other_letter()).send().check()
    ours.papers(bank_letter=good("bank-letter")).send()
    at = f"/desk/cases/{ours.case.public_id}/documents/bank-letter/1/"
    assert at in carmen.text(f"/desk/cases/{ours.case.public_id}/")
    assert "version 1" in carmen.text(at)
    old = Document.objects.get(case=ours.case, number=1)
    assert str(File.objects.get(document=old).public_id) in carmen.text(at)
    assert carmen.get(at.replace("/1/", "/9/")).status_code == 404


def test_what_was_typed_stands_beside_what_the_paper_says(carmen, ours):
    ours.papers(bank_letter=other_letter()).send().check()
    page = carmen.text(f"/desk/cases/{ours.case.public_id}/")
    assert "RO49 AAAA 1B31 0075 9384 0000" in page
    assert "RO09 BCYP 0000 0012 3456 7890" in page
