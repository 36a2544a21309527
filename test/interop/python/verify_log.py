"""Verifies exports and proofs of the audit log, written from docs/formats/audit-log.md alone. It needs only Python.

Usage: verify_log.py FOLDER. Reads FOLDER/vectors.json, and prints the verdicts as a JSON array, in the order of the vectors.
"""

import base64
import binascii
import csv
import hashlib
import io
import json
import os
import re
import sys
import unicodedata

MOST_ENTRIES = 2**53


class Problem(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Ed25519 (RFC 8032)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, p):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, p)
        p = add(p, p)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def verify_ed25519(public, message, signature):
    if len(signature) != 64:
        return False
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# Texts


def from_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def is_decimal(text):
    return re.fullmatch(r"0|[1-9][0-9]{0,15}", text) is not None and int(text) < MOST_ENTRIES


def is_count(value):
    return type(value) is int and 0 <= value < MOST_ENTRIES


def is_text(value):
    return type(value) is str


def utf16_order(name):
    return name.encode("utf-16-be", "surrogatepass")


# Entries


def canonical_string(text):
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"%s"' % "".join(short.get(c, "\\u%04x" % ord(c) if c < " " else c) for c in text)


class Number(str):
    """A number as it is written."""


def canonical(value):
    if isinstance(value, Number):
        return str(value)
    if value is True or value is False:
        return "true" if value else "false"
    if is_text(value):
        return canonical_string(value)
    if isinstance(value, list):
        return "[%s]" % ",".join(map(canonical, value))
    names = sorted(value, key=utf16_order)
    return "{%s}" % ",".join(canonical_string(name) + ":" + canonical(value[name]) for name in names)


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


ENTRY = {"action", "actor", "bootId", "facts", "format", "monotonicMs", "sequence", "subject", "time", "training"}
TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)


def is_fact(value):
    is_list = isinstance(value, list) and all(type(one) is str for one in value)
    return isinstance(value, (str, bool)) or is_list


def read_entry(text):
    """The members of an entry, or log-malformed."""
    try:
        if len(text.encode()) > 65_535:
            raise Problem("log-malformed")
        entry = json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=unique)
    except (UnicodeEncodeError, ValueError, RecursionError):
        raise Problem("log-malformed") from None
    ok = isinstance(entry, dict) and set(entry) == ENTRY
    ok = ok and is_text(entry["action"]) and re.fullmatch(r"[a-z][a-z0-9-]*", entry["action"])
    actor = entry["actor"] if ok else None
    ok = ok and isinstance(actor, dict) and set(actor) == {"id", "nameSha256", "proof"}
    ok = ok and all(is_text(value) for value in actor.values()) and actor["proof"] == "declared"
    ok = ok and re.fullmatch(r"[0-9a-f]{16}", actor["id"]) and re.fullmatch(r"[0-9a-f]{64}", actor["nameSha256"])
    ok = ok and is_text(entry["bootId"]) and entry["format"] == "siteseal-log-entry/1"
    ok = ok and isinstance(entry["facts"], dict) and all(map(is_fact, entry["facts"].values()))
    ok = ok and isinstance(entry["subject"], dict) and all(map(is_text, entry["subject"].values()))
    ok = ok and all(
        isinstance(entry[name], Number) and re.fullmatch(r"0|[1-9]\d*", entry[name], re.ASCII)
        for name in ("monotonicMs", "sequence")
    )
    ok = ok and is_text(entry["time"]) and TIME.fullmatch(entry["time"]) and type(entry["training"]) is bool
    if not ok or canonical(entry) != text:
        raise Problem("log-malformed")
    return entry


# The tree


def leaf_hash(text):
    return sha256(b"\0", text.encode())


def node_hash(left, right):
    return sha256(b"\1", left, right)


def levels_between(start, end):
    levels = []
    while start < end:
        level = 0
        while start % 2 ** (level + 1) == 0 and start + 2 ** (level + 1) <= end:
            level += 1
        levels.append(level)
        start += 2**level
    return levels


class Tree:
    def __init__(self):
        self.size = 0
        self.subtrees = []

    def add(self, level, value):
        self.size += 2**level
        self.subtrees.append((level, value))
        while len(self.subtrees) > 1 and self.subtrees[-1][0] == self.subtrees[-2][0]:
            (level, left), (_, right) = self.subtrees[-2:]
            self.subtrees[-2:] = [(level + 1, node_hash(left, right))]

    def root(self):
        if not self.subtrees:
            return sha256()
        root = self.subtrees[-1][1]
        for _, left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root


def root_by_inclusion(index, size, leaf, proof):
    first, last, root = index, size - 1, leaf
    for value in proof:
        if last == 0:
            return None
        if first % 2 == 1 or first == last:
            root = node_hash(value, root)
            while first % 2 == 0 and first > 0:
                first, last = first // 2, last // 2
        else:
            root = node_hash(root, value)
        first, last = first // 2, last // 2
    return root if last == 0 else None


# Notes and keys


def is_name(name):
    return name != "" and "+" not in name and not any(c.isspace() or unicodedata.category(c) in ("Cc", "Cs") for c in name)


class Key:
    def __init__(self, text):
        parts = text.split("+", 2)
        data = from_base64(parts[2]) if len(parts) == 3 else None
        if data is None or len(data) != 33 or not is_name(parts[0]):
            raise Problem("log-malformed")
        self.text, self.name, self.type, self.public = text, parts[0], data[0], data[1:]
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        if self.id.hex() != parts[1]:
            raise Problem("log-malformed")


class Checkpoint:
    """A checkpoint as read. Nothing of it is verified."""

    def __init__(self, text):
        if not self.read(text):
            raise Problem("log-malformed")

    def read(self, text):
        if len(text.encode("utf-16-le", "surrogatepass")) > 2 * 65_536 or not text.endswith("\n"):
            return False
        if re.search("[\0-\x09\x0b-\x1f\x7f\ufffd\ud800-\udfff]", text) or "\n\n" not in text:
            return False
        end = text.rindex("\n\n")
        self.body = text[: end + 1]
        lines = text[end + 2 : -1].split("\n")
        self.signatures = [self.signature(line) for line in lines]
        if len(lines) > 64 or None in self.signatures:
            return False
        if len({one[:2] for one in self.signatures}) < len(lines):
            return False
        parts = self.body.split("\n")
        if len(parts) != 4 or parts[0] == "" or not is_decimal(parts[1]):
            return False
        self.origin, self.size, self.root = parts[0], int(parts[1]), from_base64(parts[2])
        return self.root is not None and len(self.root) == 32

    @staticmethod
    def signature(line):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
            return None
        data = from_base64(parts[2])
        return None if data is None or len(data) < 5 else (parts[1], data[:4], data[4:])

    def signed_by(self, key):
        """valid, other or invalid."""
        of_log = [one for one in self.signatures if one[0] == self.origin]
        message = self.body.encode()
        mine = [one for one in of_log if one[1] == key.id]
        if mine:
            return "valid" if verify_ed25519(key.public, message, mine[0][2]) else "invalid"
        if not of_log or any(verify_ed25519(key.public, message, one[2]) for one in self.signatures):
            return "invalid"
        return "other"

    def check_witness(self, key):
        for name, key_id, data in self.signatures:
            if name != key.name or key_id != key.id:
                continue
            time = int.from_bytes(data[:8], "big")
            message = ("cosignature/v1\ntime %d\n%s" % (time, self.body)).encode()
            if len(data) != 72 or not verify_ed25519(key.public, message, data[8:]):
                raise Problem("log-signature-invalid")


# Exports


def entries_of(text):
    """The entries of the file, None where a row has none."""
    if text.startswith('"sequence"'):
        csv.field_size_limit(1 << 24)
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(rows)
            for row in rows:
                yield entry_of_cell(row[-1]) if len(row) == len(header) and header[-1] == "entry" else None
        except csv.Error:
            yield None
        return
    for line in text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"):
        if text.startswith('{"action"'):
            yield line
        elif text.startswith("{"):
            yield entry_of_ocsf(line)
        else:
            yield entry_of_cef(line)


def entry_of_cell(cell):
    escaped = {"002b", "002d", "003d", "0040", "ff0b", "ff0d", "ff1d", "ff20"}

    def replace(found):
        digits = found.group(0)[2:]
        return chr(int(digits, 16)) if digits in escaped else found.group(0)

    return re.sub(r"\\(?:u[0-9a-f]{4}|.)", replace, cell, flags=re.DOTALL)


def entry_of_ocsf(line):
    try:
        raw = json.loads(line)["raw_data"]
    except (ValueError, KeyError, TypeError):
        return None
    return raw if is_text(raw) else None


def entry_of_cef(line):
    start = line.find("CEF:")
    found = re.match(r"(?:(?:[^\\|]|\\.)*\|){7}", line[start:]) if start >= 0 else None
    if not found:
        return None
    value = re.search(r"(?:^| )rawEvent=((?:[^\\=]|\\.)*)$", line[start + found.end() :])
    return re.sub(r"\\(.)", r"\1", value.group(1)) if value else None


class Walk:
    def __init__(self, header, heads, witnesses):
        self.origin, self.training = header["origin"], header["training"]
        self.heads, self.witnesses = heads, witnesses
        self.tree, self.sealed, self.key, self.epoch, self.next = Tree(), 0, None, 0, None
        self.first_key, self.actors, self.of_heads = True, {}, None

    def entry(self, text):
        self.no_handover_missing()
        entry = read_entry(text)
        if int(entry["sequence"]) != self.tree.size:
            raise Problem("log-altered")
        if entry["training"] != self.training:
            raise Problem("log-training-mismatch")
        actor = entry["actor"]
        if self.actors.setdefault(actor["id"], actor["nameSha256"]) != actor["nameSha256"]:
            raise Problem("log-malformed")
        if entry["action"] == "log-key":
            self.log_key(entry["facts"])
        if entry["action"] == "log-migrated" and entry["facts"].get("entries") != str(self.tree.size):
            raise Problem("log-malformed")
        self.first_key = entry["action"] == "log-migrated"
        self.tree.add(0, leaf_hash(text))
        self.compare_heads()

    def log_key(self, facts):
        if self.key is None and not self.first_key:
            raise Problem("log-malformed")
        if set(facts) != {"epoch", "key", "reason"} or not isinstance(facts["epoch"], Number):
            raise Problem("log-malformed")
        if not is_text(facts["key"]) or facts["epoch"] != str(self.epoch + 1):
            raise Problem("log-malformed")
        if facts["reason"] not in (("first",) if self.key is None else ("rotated", "lost")):
            raise Problem("log-malformed")
        key = Key(facts["key"])
        if key.type != 1 or (self.key and (self.key.name != key.name or self.key.text == key.text)):
            raise Problem("log-malformed")
        if key.name != self.origin:
            raise Problem("log-foreign")
        if facts["reason"] == "lost" and self.sealed != self.tree.size:
            raise Problem("log-resealed")
        self.epoch += 1
        if facts["reason"] == "rotated":
            self.next = key
        else:
            self.key = key

    def skipped(self, count, hashes):
        self.no_handover_missing()
        if count < 1 or self.tree.size + count >= MOST_ENTRIES:
            raise Problem("log-malformed")
        levels = levels_between(self.tree.size, self.tree.size + count)
        if len(levels) != len(hashes):
            raise Problem("log-malformed")
        for level, value in zip(levels, hashes):
            self.tree.add(level, value)
        self.compare_heads()

    def checkpoint(self, text):
        head = Checkpoint(text)
        if head.origin != self.origin:
            raise Problem("log-foreign")
        signed = head.signed_by(self.key) if self.key else None
        if signed == "invalid":
            raise Problem("log-signature-invalid")
        if head.size > self.tree.size:
            raise Problem("log-cut")
        if self.key is None:
            raise Problem("log-malformed")
        if head.size < self.tree.size:
            raise Problem("log-unsealed")
        if signed == "other":
            raise Problem("log-resealed")
        if head.root != self.tree.root():
            raise Problem("log-altered")
        for witness in self.witnesses:
            head.check_witness(witness)
        self.sealed = head.size
        if self.next:
            self.key, self.next = self.next, None

    def person(self, person):
        digest = self.actors.get(person["id"])
        if digest and sha256(bytes.fromhex(person["salt"]), person["name"].encode()).hex() != digest:
            raise Problem("log-name-altered")

    def no_handover_missing(self):
        if self.next:
            raise Problem("log-resealed")

    def compare_heads(self):
        for head in self.heads:
            if head.size != self.tree.size or head.origin != self.origin or not self.key:
                continue
            signed, is_same = head.signed_by(self.key), head.root == self.tree.root()
            if signed == "invalid" or (signed == "other" and is_same):
                self.of_heads = self.of_heads or "log-signature-invalid"
            elif not is_same:
                self.of_heads = self.of_heads or "log-forked"
            else:
                try:
                    for witness in self.witnesses:
                        head.check_witness(witness)
                except Problem as problem:
                    self.of_heads = self.of_heads or problem.args[0]

    def end(self):
        self.no_handover_missing()
        if self.sealed != self.tree.size:
            raise Problem("log-unsealed")

    def end_of_heads(self):
        for head in self.heads:
            if head.origin != self.origin:
                self.of_heads = self.of_heads or "log-foreign"
            elif head.size > self.tree.size:
                self.of_heads = self.of_heads or "log-rolled-back"
        if self.of_heads:
            raise Problem(self.of_heads)


def read_line(line):
    try:
        value = json.loads(line, object_pairs_hook=unique) if len(line) <= 1_048_576 else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Problem("log-malformed")
    return value


def read_header(line):
    header = read_line(line)
    ok = set(header) | {"filter"} == {"format", "origin", "training", "listed", "filter"}
    ok = ok and header["format"] == "siteseal-log-proof/1" and is_text(header["origin"])
    ok = ok and type(header["training"]) is bool and is_count(header["listed"])
    if not ok or not isinstance(header.get("filter", {}), dict):
        raise Problem("log-malformed")
    return header


def is_hash(value):
    return is_text(value) and re.fullmatch("[0-9a-f]{64}", value)


def verify_export(text, proof, heads, witnesses):
    lines = proof.split("\n")
    if lines[-1] == "":
        lines.pop()
    header = read_header(lines[0] if lines else "")
    walk, rows, taken, persons = Walk(header, heads, witnesses), entries_of(text), 0, False
    for line in lines[1:]:
        value = read_line(line)
        names = set(value)
        if persons and names != {"person"}:
            raise Problem("log-malformed")
        if "filter" not in header and names & {"entry", "skipped"}:
            raise Problem("log-malformed")
        if names == {"listed"} and is_count(value["listed"]) and value["listed"] > 0:
            for _ in range(value["listed"]):
                try:
                    row = next(rows)
                except StopIteration:
                    raise Problem("log-altered") from None
                if row is None:
                    raise Problem("log-malformed")
                walk.entry(row)
                taken += 1
        elif names == {"entry"} and is_text(value["entry"]):
            walk.entry(value["entry"])
        elif names == {"skipped", "hashes"} and is_count(value["skipped"]) and isinstance(value["hashes"], list):
            if not all(map(is_hash, value["hashes"])):
                raise Problem("log-malformed")
            walk.skipped(value["skipped"], list(map(bytes.fromhex, value["hashes"])))
        elif names == {"checkpoint"} and is_text(value["checkpoint"]):
            walk.checkpoint(value["checkpoint"])
        elif names == {"person"} and isinstance(value["person"], dict):
            person = value["person"]
            ok = set(person) == {"id", "name", "salt"} and all(map(is_text, person.values()))
            ok = ok and re.fullmatch("[0-9a-f]{16}", person["id"])
            if not ok or not re.fullmatch("[0-9a-f]{32}", person["salt"]):
                raise Problem("log-malformed")
            persons = True
            walk.person(person)
        else:
            raise Problem("log-malformed")
    walk.end()
    if taken != header["listed"] or walk.tree.size == 0:
        raise Problem("log-malformed")
    if next(rows, False) is not False:
        raise Problem("log-altered")
    walk.end_of_heads()


def root_by_consistency(size1, root1, size2, proof):
    """The roots of both trees, or None."""
    first, last = size1 - 1, size2 - 1
    while first % 2 == 1:
        first, last = first // 2, last // 2
    if first == 0:
        proof = [root1] + proof
    if not proof:
        return None
    r1 = r2 = proof[0]
    for value in proof[1:]:
        if last == 0:
            return None
        if first % 2 == 1 or first == last:
            r1, r2 = node_hash(value, r1), node_hash(value, r2)
            while first % 2 == 0 and first > 0:
                first, last = first // 2, last // 2
        else:
            r2 = node_hash(r2, value)
        first, last = first // 2, last // 2
    return (r1, r2) if last == 0 else None


def is_consistent(one, other, proof):
    if one.size == other.size:
        return one.root == other.root
    return root_by_consistency(one.size, one.root, other.size, proof) == (one.root, other.root)


class HeadKey:
    """A key in a head file."""

    def __init__(self, members, head, training):
        if not isinstance(members, dict) or set(members) | {"handover"} != {"index", "entry", "inclusion", "handover"}:
            raise Problem("log-malformed")
        self.index, self.entry, self.inclusion = members["index"], members["entry"], hashes_of(members["inclusion"])
        entry = read_entry(self.entry) if is_text(self.entry) else {"action": ""}
        if entry["action"] != "log-key" or not is_count(self.index) or int(entry["sequence"]) != self.index:
            raise Problem("log-malformed")
        if not is_text(entry["facts"].get("key")) or entry["training"] != training:
            raise Problem("log-malformed")
        self.key, self.reason = Key(entry["facts"]["key"]), entry["facts"].get("reason")
        self.handover = checkpoint_of(members["handover"]) if "handover" in members else None
        if self.key.type != 1 or self.key.name != head.origin:
            raise Problem("log-malformed")
        if self.handover and (self.handover.origin != head.origin or self.handover.size != self.index + 1):
            raise Problem("log-malformed")


def checkpoint_of(value):
    if not is_text(value):
        raise Problem("log-malformed")
    return Checkpoint(value)


def hashes_of(values):
    proof = [from_base64(one) if is_text(one) else None for one in values] if isinstance(values, list) else [None]
    if any(one is None or len(one) != 32 for one in proof):
        raise Problem("log-malformed")
    return proof


class HeadFile:
    """A head file, or a note alone."""

    def __init__(self, text):
        self.keys, self.start, self.proof, self.earlier = [], None, None, None
        if not text.startswith("{"):
            self.head = Checkpoint(text)
            return
        try:
            members = json.loads(text, object_pairs_hook=unique)
        except (ValueError, RecursionError):
            raise Problem("log-malformed") from None
        if set(members) | {"consistency"} != {"format", "training", "checkpoint", "consistency", "keys"}:
            raise Problem("log-malformed")
        if members["format"] != "siteseal-log-head/1" or type(members["training"]) is not bool:
            raise Problem("log-malformed")
        if not isinstance(members["keys"], list) or not members["keys"]:
            raise Problem("log-malformed")
        self.head = checkpoint_of(members["checkpoint"])
        self.keys = [HeadKey(one, self.head, members["training"]) for one in members["keys"]]
        if "consistency" in members:
            self.read_consistency(members["consistency"])

    def read_consistency(self, members):
        if not isinstance(members, dict) or set(members) | {"checkpoint"} != {"from", "proof", "checkpoint"}:
            raise Problem("log-malformed")
        self.start, self.proof = members["from"], hashes_of(members["proof"])
        if not is_count(self.start):
            raise Problem("log-malformed")
        if "checkpoint" in members:
            self.earlier = checkpoint_of(members["checkpoint"])
            if self.earlier.size != self.start or self.earlier.origin != self.head.origin:
                raise Problem("log-malformed")


def signed_by_one(head, keys):
    return any(key.name == head.origin and head.signed_by(key) == "valid" for key in keys)


def verify_head(text, known, witnesses):
    file = HeadFile(text)
    head, before = file.head, None
    for one in file.keys:
        tree = one.handover or head
        if root_by_inclusion(one.index, tree.size, leaf_hash(one.entry), one.inclusion) != tree.root:
            raise Problem("log-altered")
        if before and one.handover and not signed_by_one(one.handover, [before.key]):
            raise Problem("log-signature-invalid")
        if before and not one.handover and one.reason != "lost":
            raise Problem("log-resealed")
        before = one
    keys = file.keys[-1:] or [one for other in known for one in other.keys]
    if keys and not signed_by_one(head, [one.key for one in keys]):
        raise Problem("log-signature-invalid")
    for other in [one.head for one in known] + ([file.earlier] if file.earlier else []):
        if other.origin != head.origin:
            raise Problem("log-foreign")
        if other.size > head.size:
            raise Problem("log-rolled-back")
        if other.size in (head.size, file.start) and not is_consistent(other, head, file.proof or []):
            raise Problem("log-forked")
    for witness in witnesses:
        head.check_witness(witness)
        if file.earlier:
            file.earlier.check_witness(witness)


def verify_entry_proof(text, known):
    top, separator, note = text.partition("\n\n")
    lines = top.split("\n")
    ok = separator and lines.pop(0) == "c2sp.org/tlog-proof@v1" and lines and lines[0].startswith("extra ")
    entry = from_base64(lines.pop(0)[6:]) if ok else None
    ok = entry is not None and lines and lines[0].startswith("index ") and is_decimal(lines[0][6:])
    if not ok:
        raise Problem("log-malformed")
    index = int(lines.pop(0)[6:])
    proof = [from_base64(line) for line in lines]
    head = Checkpoint(note)
    if any(one is None or len(one) != 32 for one in proof) or index >= head.size:
        raise Problem("log-malformed")
    if not signed_by_one(head, [one.key for other in known for one in other.keys]):
        raise Problem("log-signature-invalid")
    if root_by_inclusion(index, head.size, sha256(b"\0", entry), proof) != head.root:
        raise Problem("log-altered")
    try:
        sequence = read_entry(entry.decode())["sequence"]
    except UnicodeDecodeError:
        raise Problem("log-malformed") from None
    if int(sequence) != index:
        raise Problem("log-altered")


def main(folder):
    def read(name):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
            return file.read()

    verdicts = []
    for vector in json.loads(read("vectors.json")):
        try:
            witnesses = [Key(read(name).strip()) for name in vector.get("keys", [])]
            known = [HeadFile(read(name)) for name in vector.get("heads", [])]
            text = read(vector["file"])
            if "proof" in vector:
                verify_export(text, read(vector["proof"]), [one.head for one in known], witnesses)
            elif text.startswith("c2sp.org/tlog-proof@"):
                verify_entry_proof(text, known)
            else:
                verify_head(text, known, witnesses)
            verdicts.append("intact")
        except Problem as problem:
            verdicts.append(problem.code)
    print(json.dumps(verdicts))


if __name__ == "__main__":
    main(sys.argv[1])
