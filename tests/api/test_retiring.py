"""Operations that will go say so in every answer."""

from datetime import date

from django.test import RequestFactory

from pridvor.api.retiring import headers_of, retiring


@retiring(since=date(2027, 1, 1), until=date(2027, 7, 1), instead="https://pridvor.example/docs")
def operation(request):
    return {"still": "here"}


def test_an_operation_that_goes_names_its_days_and_what_takes_its_place():
    request = RequestFactory().get("/")
    assert headers_of(request) == {}
    assert operation(request) == {"still": "here"}
    assert headers_of(request) == {
        "Deprecation": "@1798761600",
        "Sunset": "Thu, 01 Jul 2027 00:00:00 GMT",
        "Link": '<https://pridvor.example/docs>; rel="deprecation"',
    }
