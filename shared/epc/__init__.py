"""RFID tags: the electronic product code (EPC) in their memory."""

from shared.epc.decode import decode, decode_memory
from shared.epc.encode import encode
from shared.epc.report import told
from shared.epc.tag import Tag

__all__ = ["Tag", "decode", "decode_memory", "encode", "told"]
