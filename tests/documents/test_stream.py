"""Our stream against Tink's own implementation, both ways; and everything that must not open."""

import io
import os

import pytest
import tink
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from pridvor.lib.stream import FIRST, REST, SEGMENT, Damaged, Decryptor, Encryptor

KEY, PLACE = bytes(range(32)), b"document 1"
SIZES = [
    0,
    1,
    FIRST - 1,
    FIRST,
    FIRST + 1,
    FIRST + REST,
    FIRST + REST + 1,
    SEGMENT - 1,
    SEGMENT + 1,
    3_000_000,
]


class Kept(io.BytesIO):
    """Tink closes what it writes to."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def oracle():
    streaming_aead.register()
    parameters = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=SEGMENT, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
    )
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, params=parameters, key_value=KEY)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        value=key.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    row = tink_pb2.Keyset.Key(
        key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW
    )
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[row])
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


def ours(plain: bytes, place: bytes = PLACE) -> bytes:
    sink = io.BytesIO()
    encryptor = Encryptor(KEY, place, sink)
    for at in range(0, len(plain), 65_536):
        encryptor.write(plain[at : at + 65_536])
    encryptor.finish()
    return sink.getvalue()


def opened(sealed: bytes, place: bytes = PLACE) -> Decryptor:
    return Decryptor(KEY, place, io.BytesIO(sealed), len(sealed))


@pytest.mark.parametrize("size", SIZES)
def test_tink_reads_what_we_write(oracle, size):
    plain = os.urandom(size)
    with oracle.new_decrypting_stream(io.BytesIO(ours(plain)), PLACE) as stream:
        assert stream.read() == plain


@pytest.mark.parametrize("size", SIZES)
def test_we_read_what_tink_writes(oracle, size):
    plain, sink = os.urandom(size), Kept()
    with oracle.new_encrypting_stream(sink, PLACE) as stream:
        stream.write(plain)
    assert opened(sink.getvalue()).read() == plain


@pytest.mark.parametrize("size", [1, 70_000, 3_000_000])
@pytest.mark.parametrize("harm", ["cut", "longer", "first byte", "last byte", "header", "moved"])
def test_what_was_harmed_does_not_open(size, harm):
    sealed = bytearray(ours(os.urandom(size)))
    place = PLACE
    if harm == "cut":
        sealed = sealed[: len(sealed) - max(1, size // 3)]
    elif harm == "longer":
        sealed += b"x"
    elif harm == "moved":
        place = b"document 2"
    else:
        sealed[{"first byte": 45, "last byte": -1, "header": 3}[harm]] ^= 1
    with pytest.raises(Damaged):
        opened(bytes(sealed), place).read()


def test_an_upload_that_was_never_finished_does_not_open():
    sink = io.BytesIO()
    Encryptor(KEY, PLACE, sink).write(os.urandom(2_000_000))
    with pytest.raises(Damaged):
        opened(sink.getvalue())


def test_any_range_can_be_read():
    plain = os.urandom(3_000_000)
    reader = opened(ours(plain))
    for start, length in ((0, 10), (FIRST - 5, 10), (FIRST + REST - 1, 2), (2_999_990, 100)):
        reader.seek(start)
        assert reader.read(length) == plain[start : start + length]
