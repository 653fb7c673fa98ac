"""The data map is whole: every column of every table has its place, and no row is about a column that went."""

import pytest
from django.apps import apps

from pridvor.lib.data_map import USES
from pridvor.privacy import record
from pridvor.project import data_map, wiring
from tests.conftest import NOW

MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
ROWS = {table.model: table for table in data_map.TABLES}


def test_no_table_is_missing_from_the_map():
    assert MODELS.keys() - ROWS.keys() == set()


def test_no_row_is_about_a_table_that_went_or_is_there_twice():
    assert ROWS.keys() - MODELS.keys() == set()
    assert len(ROWS) == len(data_map.TABLES)


def test_every_column_stands_in_the_map_once_and_no_other_does():
    wrong = {}
    for name, model in MODELS.items():
        if name in ROWS:
            has, said = [field.column for field in model._meta.concrete_fields], ROWS[name].columns
            if sorted(has) != sorted(said):
                wrong[name] = {"missing": set(has) - set(said), "gone or twice": sorted(set(said) - set(has))}
    assert wrong == {}


def test_every_purpose_is_used():
    wiring.connect()
    assert [one.use.key for one in record.activities() if not one.columns] == []
    assert len(record.activities()) == len(USES)


def test_what_a_value_of_the_vault_is_points_at_is_sealed_everywhere():
    refs = [
        (name, field.column)
        for name, model in MODELS.items()
        for field in model._meta.concrete_fields
        if field.column.endswith("ref") and name.split(".")[0] not in ("socialaccount",)
    ]
    sealed = {
        (table.model, column)
        for table in data_map.TABLES
        for column, form, _use in table.personal()
        if form == "sealed"
    }
    assert [one for one in refs if one not in sealed] == []
    assert len(refs) > 8


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("en", "Accounting records"), ("ro", "Documente contabile")])
def test_the_record_of_article_30_is_made_from_it(language, word):
    wiring.connect()
    said = record.described(language)
    assert word in [row["title"] for row in said["retention"]]
    assert {"vault.Value", "accounts.Staff", "mfa.Authenticator"} <= {
        column["table"] for one in said["activities"] for column in one["columns"]
    }
    assert len(str(record.sheet(language, now=NOW).blocks)) > 5000
