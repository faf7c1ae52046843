"""The two binary formats, piece by piece, so that vectors can put the pieces together wrongly."""

from base64 import urlsafe_b64encode

from .construction import Parts


def base64(data: bytes) -> str:
    """URL-safe, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def packet(key: str, data: bytes) -> bytes:
    """A packet of V1."""
    body = key.encode() + b" " + data + b"\n"
    return b"%04x" % (len(body) + 4) + body


def split(data: bytes) -> list[tuple[str, bytes]]:
    """The packets of a well-formed V1 macaroon."""
    packets = []
    while data:
        length = int(data[:4], 16)
        key, _, value = data[4 : length - 1].partition(b" ")
        packets.append((key.decode(), value))
        data = data[length:]
    return packets


def v1_pieces(parts: Parts) -> list[bytes]:
    pieces = [packet("location", parts.location or b""), packet("identifier", parts.identifier)]
    for caveat in parts.caveats:
        pieces.append(packet("cid", caveat.id))
        if caveat.vid is not None:
            pieces += [packet("vid", caveat.vid), packet("cl", caveat.location or b"")]
    return [*pieces, packet("signature", parts.signature)]


def v1(parts: Parts) -> bytes:
    return b"".join(v1_pieces(parts))


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(kind: int, data: bytes) -> bytes:
    """A field of V2."""
    return varint(kind) + varint(len(data)) + data


LOCATION, IDENTIFIER, VID, SIGNATURE = 1, 2, 4, 6
EOS = b"\0"


def v2_pieces(parts: Parts) -> list[bytes]:
    pieces = [b"\x02"]
    if parts.location is not None:
        pieces.append(field(LOCATION, parts.location))
    pieces += [field(IDENTIFIER, parts.identifier), EOS]
    for caveat in parts.caveats:
        if caveat.location is not None:
            pieces.append(field(LOCATION, caveat.location))
        pieces.append(field(IDENTIFIER, caveat.id))
        if caveat.vid is not None:
            pieces.append(field(VID, caveat.vid))
        pieces.append(EOS)
    return [*pieces, EOS, field(SIGNATURE, parts.signature)]


def v2(parts: Parts) -> bytes:
    return b"".join(v2_pieces(parts))


def is_text(parts: Parts) -> bool:
    """Whether V1 can hold it."""
    try:
        for data in [parts.identifier, *(caveat.id for caveat in parts.caveats)]:
            data.decode()
    except UnicodeDecodeError:
        return False
    return True
