"""The one way out to addresses that clients name. A client may name any address; this calls only those of strangers.

A name is resolved once, every address it has is judged, and the connection goes to the address that was judged, so that
a name which changes its mind (DNS rebinding) gains nothing. Redirects are not followed, proxies of the environment are
not used, an answer has a largest size, and the whole call has a time. After OWASP's Server-Side Request Forgery
Prevention Cheat Sheet; the special addresses are those of RFC 6890 and of the clouds' metadata services.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx
from django.conf import settings

from pridvor.connectors.stand_ins.client_interface import ClientInterface

PORTS = {80, 443, 8080, 8443}
SECONDS = 15.0  # for the whole call, however slowly it drips
LARGEST = 1_000_000  # bytes of an answer
SANDBOX = ".sandbox.example"  # hosts that a demonstration answers itself; the name can be nobody's (RFC 2606)
OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"}
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
METADATA = {ipaddress.ip_address(one) for one in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


class NotAllowed(Exception):
    """The address is not one that may be called: `code` is address, scheme, port, private or unknown-host."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoAnswer(Exception):
    """It was called and did not answer properly: `code` is no-connection, certificate, too-slow, too-large or broken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes
    milliseconds: int


@dataclass(frozen=True)
class Place:
    """An address that was judged: the name as it was given, and the number to which the connection goes."""

    url: httpx.URL
    address: Address


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name, as the system's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in found]


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    seconds: float = SECONDS,
    resolve: Resolve = resolved,
) -> Answered:
    """This will make one call and return the answer, whatever its status. Raises NotAllowed or NoAnswer."""
    kept = {
        name.encode(): value.encode() for name, value in (headers or {}).items() if name.lower() not in OURS
    }
    if settings.DEMO and httpx_url(url).host.endswith(SANDBOX):
        return _stand_in(method, url, kept, content)
    return asyncio.run(_called(method, judged(url, resolve), kept, content, seconds))


def judged(url: str, resolve: Resolve = resolved) -> Place:
    """The place to which a call to this address goes. Raises NotAllowed."""
    parsed = httpx_url(url)
    port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    host = parsed.host.rstrip(".").lower()
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(host, port)]
    except (OSError, ValueError, UnicodeError):
        raise NotAllowed("unknown-host") from None
    if not found:
        raise NotAllowed("unknown-host")
    if port not in PORTS and not all(_is_exempt(host, port, one) for one in found):
        raise NotAllowed("port")
    if not all(_may_be_called(host, port, one) for one in found):
        raise NotAllowed("private")
    return Place(parsed, min(found, key=lambda one: one.version))  # not every network has IPv6


def httpx_url(url: str) -> httpx.URL:
    """The address, parsed by the very library that will call it. Raises NotAllowed."""
    try:
        parsed = httpx.URL(url)
        port = parsed.port
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise NotAllowed("address") from None
    if parsed.scheme not in ("http", "https"):
        raise NotAllowed("scheme")
    if not parsed.host or parsed.userinfo or "\\" in url or port == 0:
        raise NotAllowed("address")
    return parsed


# -- which addresses


def _may_be_called(host: str, port: int, address: Address) -> bool:
    forms = _meant(address)
    if any(_is_never(one) for one in forms):
        return False
    return all(one.is_global for one in forms) or _is_exempt(host, port, address)


def _is_never(one: Address) -> bool:
    """Whatever anybody lists: metadata services, multicast, and what is no host's address."""
    return one.is_link_local or one.is_multicast or one.is_unspecified or one in METADATA or _is_reserved(one)


def _is_reserved(one: Address) -> bool:
    """Class E and broadcast. (For IPv6 the library calls reserved what NAT64 uses, which is judged by its inside.)"""
    return one.version == 4 and one.is_reserved


def _meant(address: Address) -> list[Address]:
    """The address, and the IPv4 addresses inside it: mapped, compatible, 6to4, Teredo and NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inside: list[Address] = []
    if address.sixtofour:
        inside.append(address.sixtofour)
    if address.teredo:
        inside += address.teredo
    if any(address in network for network in NAT64) or 1 < int(address) < 2**32:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *inside]


def _is_exempt(host: str, port: int, address: Address) -> bool:
    """Whether the installation lists it (PRIDVOR_PROBE_ALLOW): by name, by name and port, by address or network."""
    for entry in settings.PROBE_ALLOW:
        if entry.lower() in (host, f"{host}:{port}"):
            return True
        try:
            if address in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False


# -- the call


async def _called(
    method: str, place: Place, headers: dict[bytes, bytes], content: bytes | None, seconds: float
) -> Answered:
    try:
        async with asyncio.timeout(seconds):
            return await _asked(method, place, headers, content)
    except (TimeoutError, httpx.TimeoutException):
        raise NoAnswer("too-slow") from None
    except httpx.ConnectError as error:
        is_certificate = "certificate" in str(error).lower()
        raise NoAnswer("certificate" if is_certificate else "no-connection") from None
    except (httpx.HTTPError, UnicodeError, ValueError):
        raise NoAnswer("broken") from None


async def _asked(method: str, place: Place, headers: dict[bytes, bytes], content: bytes | None) -> Answered:
    target = place.url.copy_with(host=str(place.address), fragment=None)
    own = {b"Host": place.url.netloc, b"User-Agent": b"pridvor", b"Accept-Encoding": b"identity"}
    named = {**headers, **own}
    names_itself = {"sni_hostname": place.url.raw_host.decode()} if not _is_number(place.url.host) else {}
    begun, body = time.monotonic(), bytearray()
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream(method, target, headers=named, content=content, extensions=names_itself) as answer,
    ):
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > LARGEST:
                raise NoAnswer("too-large")
    return Answered(answer.status_code, bytes(body), _since(begun))


def _stand_in(method: str, url: str, headers: dict[bytes, bytes], content: bytes | None) -> Answered:
    begun = time.monotonic()
    try:
        with httpx.Client(transport=ClientInterface(), trust_env=False) as client:
            answer = client.request(method, url, headers=headers, content=content)
    except httpx.HTTPError:
        raise NoAnswer("no-connection") from None
    return Answered(answer.status_code, answer.content, _since(begun))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
