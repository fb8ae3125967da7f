#!/usr/bin/env python3
"""Memeriksa berkas bukti Jejak / verifies an evidence bundle of Jejak (docs/bundle.md).

    verify.py FILE [--policy FILE | --log-key VKEY] [--tsa-ca FILE] [--json]

Hasil / exit: 0 utuh / sound, 1 diubah / tampered, 2 belum dapat diputuskan / undecided.

One file. It needs Python 3.8 or newer with nothing but its standard library, and the program openssl, 3.0 or newer.
The steps (`class Bundle`) stand in the order of docs/bundle.md; the first that fails is the answer.
"""

import argparse
import base64
import binascii
import contextlib
import datetime
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections import namedtuple
from decimal import Decimal

# ----------------------------------------------------------------------------------------------------------
# Words. The code says what is wrong in English; this is the same in Bahasa Indonesia.

NOT_VOUCHED_FOR = (
    'it is whole, but signed by keys that nobody vouched for: %s; get the policy from somebody you believe'
)
BAHASA = {
    '%s cannot be defined here': '%s tidak dapat didefinisikan di sini',
    '%s cannot be read (%s)': '%s tidak dapat dibaca (%s)',
    '%s does not have its id': '%s tidak cocok dengan id-nya',
    '%s is a member already': '%s sudah menjadi anggota',
    '%s is no threshold': '%s bukan ambang',
    '%s is not a hash of 32 bytes': '%s bukan hash 32 byte',
    '%s is not a signature line': '%s bukan baris tanda tangan',
    '%s is not a time': '%s bukan waktu',
    '%s is not canonical base64': '%s bukan base64 kanonis',
    '%s is not defined above': '%s belum didefinisikan di atasnya',
    '%s is not name+id+key': '%s bukan nama+id+kunci',
    '%s is not of the type that is needed here': '%s bukan jenis yang diperlukan di sini',
    '%s signed twice': '%s menandatangani dua kali',
    'a name is not ASCII': 'ada nama yang bukan ASCII',
    'a signature is too short': 'ada tanda tangan yang terlalu pendek',
    'a text has half a character': 'ada teks dengan karakter separuh',
    'everything holds under the policy given': 'semuanya cocok menurut kebijakan yang diberikan',
    'it differs from the one spelling at byte %d': 'ejaannya menyimpang pada byte %d',
    'it has a control character': 'ada karakter kendali',
    'it has a number that readers do not agree on': 'ada bilangan yang tidak dibaca sama oleh semua pembaca',
    'it has a strange %s': 'ada %s yang asing',
    'it has another SHA-256 than the manifest says': 'SHA-256-nya lain dari yang disebut manifes',
    'it has no checkpoint': 'tidak memuat checkpoint',
    'it has no index where it must be': 'indeks tidak ada pada tempatnya',
    'it has no signatures': 'tidak ada tanda tangan',
    'it has too many files': 'terlalu banyak berkas',
    'it has too many signatures': 'tanda tangannya terlalu banyak',
    'it is back-dated: witnesses saw a log without it later':
        'bertanggal mundur: sesudah itu saksi masih melihat log tanpanya',
    'it is missing': 'tidak ada',
    'it is neither here nor said to be missing': 'tidak ada, dan tidak disebut tidak ada',
    'it is nested too deep': 'bersarang terlalu dalam',
    'it is not BundleIssued': 'bukan BundleIssued',
    'it is not JSON as RFC 8785 spells it': 'bukan JSON menurut ejaan RFC 8785',
    'it is not JSON': 'bukan JSON',
    'it is not UTF-8': 'bukan UTF-8',
    'it is not a line of a policy': 'bukan baris kebijakan',
    'it is not a timestamp of that checkpoint': 'bukan stempel waktu checkpoint itu',
    'it is not a tlog-proof': 'bukan tlog-proof',
    'it is not an object': 'bukan objek',
    'it is not in the log where its proof says': 'tidak ada dalam log di tempat yang disebut buktinya',
    'it is not of the size that the entry states': 'ukurannya lain dari yang disebut entri',
    'it is not origin, size and root': 'bukan nama log, ukuran, dan akar',
    'it is not the rule set of its name': 'bukan perangkat aturan sesuai namanya',
    'it is of another size than its name': 'ukurannya lain dari namanya',
    'it is of another stream': 'milik aliran lain',
    'it is of the index %d': 'untuk indeks %d',
    'it is of the log %s': 'milik log %s',
    'it is revision %d where %d must be': 'revisi %d padahal seharusnya %d',
    'it is too large': 'terlalu besar',
    NOT_VOUCHED_FOR:
        'berkasnya utuh, tetapi ditandatangani kunci yang belum dijamin siapa pun: %s; mintalah kebijakan dari '
        'pihak yang Anda percaya',
    'it must have one quorum line': 'harus ada tepat satu baris quorum',
    'it names another %s': 'menyebut %s yang lain',
    'it names no log': 'tidak menyebut log',
    'it stands under another checkpoint': 'berada di bawah checkpoint lain',
    'it was published after the entry': 'diterbitkan sesudah entri itu',
    'it was recorded before the entry before it': 'dicatat lebih dahulu daripada entri sebelumnya',
    'its %s is missing': '%s tidak ada',
    'its %s is not what it must be': '%s tidak sebagaimana mestinya',
    'its SHA-256 is not its name': 'SHA-256-nya bukan namanya',
    'its checkpoint is missing': 'checkpoint-nya tidak ada',
    'its checkpoint is not older than checkpoint.txt': 'checkpoint-nya tidak lebih tua dari checkpoint.txt',
    'its evidence is not stated as it must be': 'buktinya tidak disebut sebagaimana mestinya',
    'its last line is not ended': 'baris terakhirnya tidak ditutup',
    'its rule set has no id and version': 'perangkat aturannya tanpa id dan versi',
    'line %d: %s': 'baris %d: %s',
    'no entry names it': 'tidak ada entri yang menyebutnya',
    'no log key of the policy signed it': 'tidak ditandatangani kunci log mana pun dalam kebijakan',
    'no such file belongs in this bundle': 'berkas seperti ini tidak termasuk berkas bukti ini',
    'nothing proves it complete': 'tidak ada yang membuktikan kelengkapannya',
    'openssl cannot be run (%s); install it and verify again':
        'openssl tidak dapat dijalankan (%s); pasanglah, lalu periksa kembali',
    'openssl cannot check Ed25519; version 3.0 or newer is needed':
        'openssl ini tidak dapat memeriksa Ed25519; perlu versi 3.0 atau lebih baru',
    'the commitment has another count': 'jumlah pada komitmennya lain',
    'the commitment is as of another size': 'komitmennya untuk ukuran lain',
    'the commitment is not asOf, count and root': 'komitmennya bukan asOf, count, dan root',
    'the decision is not among the entries': 'keputusannya tidak ada di antara entri',
    'the entries are not all of the stream': 'entrinya bukan seluruh aliran',
    'the head is not among the committed ones': 'kepala aliran tidak ada di antara yang dikomitmenkan',
    'the key %s is not in policy.txt': 'kunci %s tidak ada dalam policy.txt',
    'the key of %s is there already': 'kunci %s sudah ada',
    'the log does not go on from it to %d': 'log tidak melanjutkannya sampai %d',
    'the log does not go on from checkpoint.txt': 'log tidak melanjutkan checkpoint.txt',
    'the manifest does not name it': 'manifes tidak menyebutnya',
    'the manifest must not name it': 'manifes tidak boleh menyebutnya',
    'the policy given cannot be used: %s': 'kebijakan yang diberikan tidak dapat dipakai: %s',
    'the quorum is lacking; cosigned: %s': 'kuorum tidak tercapai; saksi yang ada: %s',
    'the signature of %s is wrong': 'tanda tangan %s salah',
    'the size is too large': 'ukurannya terlalu besar',
    'the timestamp was not made under the certificates given, or they are not valid now':
        'stempel waktunya tidak dibuat di bawah sertifikat yang diberikan, atau sertifikatnya kini tidak berlaku',
    'there is no commitment to the heads': 'tidak ada komitmen atas kepala aliran',
    'witnesses saw it before it was recorded': 'saksi melihatnya sebelum dicatat',
}


class Said(Exception):
    """Something to tell people; an argument that is said itself is told in the same language."""

    def __init__(self, words, *arguments):
        super().__init__(words)
        self.en = words % tuple(one.en if isinstance(one, Said) else one for one in arguments)
        self.id = BAHASA[words] % tuple(one.id if isinstance(one, Said) else one for one in arguments)


class Malformed(Said):
    """Something is not as it must be; whoever reads it knows which reason that is."""


class Tampered(Exception):
    """The answer: a reason of the table in docs/bundle.md, and the journal index and the file it is about."""

    def __init__(self, reason, said, index=None, file=None):
        super().__init__(reason)
        self.reason, self.said, self.index, self.file = reason, said, index, file


class Undecided(Exception):
    """Nothing can be answered: no policy (`trust`), or no tool."""

    def __init__(self, reason, said, file=None):
        super().__init__(reason)
        self.reason, self.said, self.index, self.file = reason, said, None, file


def need(holds, words, *arguments):
    if not holds:
        raise Malformed(words, *arguments)


@contextlib.contextmanager
def about(reason, file=None, index=None):
    """What is malformed inside is for this reason, about this file and index."""
    try:
        yield
    except Malformed as bad:
        raise Tampered(reason, bad, index, file) from None


def cut(text):
    """The beginning of a text of the bundle, spelled so that no terminal takes it for a command."""
    return json.dumps(text if len(text) <= 80 else text[:80] + '…')


# ----------------------------------------------------------------------------------------------------------
# Spellings: text, base64, JSON, times

NUMBER = r'(?:0|[1-9][0-9]{0,18})'
SHA256 = r'[0-9a-f]{64}'
SAFE = 2**53 - 1
DEEPEST = 100
EPOCH = datetime.datetime(1970, 1, 1)
TIME = re.compile(r'([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z')


def text_of(data):
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        raise Malformed('it is not UTF-8') from None


def bytes_of(text):
    """The bytes of base64; another spelling of the same bytes is refused."""
    try:
        data = base64.b64decode(text.encode('ascii'), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        data = None
    need(data is not None and base64.b64encode(data).decode() == text, '%s is not canonical base64', cut(text))
    return data


def hash_of(text):
    data = bytes_of(text)
    need(len(data) == 32, '%s is not a hash of 32 bytes', cut(text))
    return data


def milliseconds(text):
    """Milliseconds since 1970 of a time as the journal writes it: UTC, with three decimals."""
    match = TIME.fullmatch(text)
    need(match, '%s is not a time', cut(text))
    year, month, day, hour, minute, second, ms = (int(part) for part in match.groups())
    try:
        time = datetime.datetime(year, month, day, hour, minute, second, ms * 1000)
    except ValueError:
        raise Malformed('%s is not a time', cut(text)) from None
    return (time - EPOCH) // datetime.timedelta(milliseconds=1)


def json_of(data):
    """The value of a JSON file, whose bytes must be those of RFC 8785: so every reader reads the same."""
    text = text_of(data)
    try:
        value = json.loads(text, parse_int=integer, parse_constant=float)
        is_canonical = canonical(value, 0) == text
    except (ValueError, RecursionError):
        raise Malformed('it is not JSON') from None
    need(is_canonical, 'it is not JSON as RFC 8785 spells it')
    return value


def integer(text):
    return int(text) if len(text) <= 20 else float(text)


def canonical(value, depth):
    need(depth <= DEEPEST, 'it is nested too deep')
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode('utf-16-be', 'surrogatepass'))
        members = (canonical(name, depth) + ':' + canonical(value[name], depth + 1) for name in names)
        return '{' + ','.join(members) + '}'
    if isinstance(value, list):
        return '[' + ','.join(canonical(one, depth + 1) for one in value) + ']'
    if isinstance(value, str):
        need(not re.search('[\ud800-\udfff]', value), 'a text has half a character')
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: 'null', True: 'true', False: 'false'}[value]
    return number(value)


def number(value):
    """A number as ECMAScript writes it; one that not every reader reads alike is refused."""
    is_finite = value == value and abs(value) != float('inf')
    is_exact = is_finite and (value != int(value) or abs(value) <= SAFE)
    need(is_exact, 'it has a number that readers do not agree on')
    if value == int(value):
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    point = len(digits) + exponent
    digits = ''.join(map(str, digits)).rstrip('0')
    if 0 < point <= 21:
        body = digits[:point] + '.' + digits[point:]
    elif -6 < point <= 0:
        body = '0.' + '0' * -point + digits
    else:
        body = digits[0] + ('.' + digits[1:] if len(digits) > 1 else '') + 'e%+d' % (point - 1)
    return ('-' if sign else '') + body


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= SAFE


def is_text(value):
    return isinstance(value, str)


def is_object(value):
    return isinstance(value, dict)


def fields(value, **kinds):
    """An object with exactly these members, each of its kind."""
    need(is_object(value), 'it is not an object')
    for name in sorted(set(kinds) | set(value)):
        need(name in value, 'its %s is missing', cut(name))
        need(name in kinds, 'it has a strange %s', cut(name))
        need(kinds[name](value[name]), 'its %s is not what it must be', cut(name))
    return value


# ----------------------------------------------------------------------------------------------------------
# The zip, of which there is one spelling

LOCAL, CENTRAL, END = b'PK\x03\x04', b'PK\x01\x02', b'PK\x05\x06'
DATE = 33  # 1980-01-01


def read_zip(data):
    """The files by name. Only names and sizes of the local headers are read: all else is made anew and compared."""
    files, at = {}, 0
    while data[at : at + 4] == LOCAL and at + 30 <= len(data):
        size, name_size = struct.unpack_from('<I4xH', data, at + 18)
        start = at + 30 + name_size
        files[data[at + 30 : start].decode('latin-1')] = data[start : start + size]
        at = start + size
    spelled = spell(files)
    need(spelled == data, 'it differs from the one spelling at byte %d', first_difference(spelled, data))
    return files


def spell(files):
    """The bytes of the zip of these files."""
    need(len(files) < 0xFFFF, 'it has too many files')
    local, central, at = [], [], 0
    for name in sorted(files):
        need(name.isascii(), 'a name is not ASCII')
        content, size = files[name], len(files[name])
        need(at + size < 0xFFFF0000, 'it is too large')
        common = struct.pack(
            '<HHHHHIIIHH', 10, 0, 0, 0, DATE, binascii.crc32(content), size, size, len(name), 0
        )
        local += [LOCAL, common, name.encode(), content]
        central += [CENTRAL, struct.pack('<H', 10), common, struct.pack('<HHHII', 0, 0, 0, 0, at), name.encode()]
        at += 30 + len(name) + size
    directory = b''.join(central)
    end = struct.pack('<HHHHIIH', 0, 0, len(files), len(files), len(directory), at, 0)
    return b''.join(local) + directory + END + end


def first_difference(one, other):
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


# ----------------------------------------------------------------------------------------------------------
# The tree: RFC 6962 §2.1, RFC 9162 §2.1.3.2 and §2.1.4.2


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b'\x00' + data)


def node_hash(left, right):
    return sha256(b'\x01' + left + right)


def is_included(leaf, index, size, proof, root):
    """Whether the leaf with this hash stands at this index in the tree of this size and root."""
    if index >= size:
        return False
    node, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            top = node_hash(sibling, top)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and top == root


def is_consistent(size, root, larger, larger_root, proof):
    """Whether the larger tree begins with the smaller one."""
    if size == 0:
        return not proof and root == sha256(b'')
    if size >= larger:
        return size == larger and not proof and root == larger_root
    if not proof:
        return False
    if size & (size - 1) == 0:
        proof = [root] + proof
    node, last = size - 1, larger - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == root and new == larger_root


# ----------------------------------------------------------------------------------------------------------
# Ed25519, by the program openssl

SPKI = bytes.fromhex('302a300506032b6570032100')
# RFC 8032 §7.1, test 2: a program that does not say yes to this cannot say anything.
KNOWN_KEY = bytes.fromhex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
KNOWN_SIGNATURE = bytes.fromhex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da'
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
)
# Every signature is checked once: (key, message, signature) -> whether it holds.
CHECKED = {}


def run_openssl(arguments, files):
    """Runs openssl; an argument that is the name of one of the files becomes its path."""
    try:
        with tempfile.TemporaryDirectory() as place:
            for name, content in files.items():
                with open(os.path.join(place, name), 'wb') as file:
                    file.write(content)
            command = ['openssl'] + [os.path.join(place, one) if one in files else one for one in arguments]
            return subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
    except OSError as cause:
        said = Said('openssl cannot be run (%s); install it and verify again', cause.strerror)
        raise Undecided(None, said) from None


def ed25519(key, message, signature):
    asked = (key, message, signature)
    if asked not in CHECKED:
        how = 'pkeyutl -verify -pubin -keyform DER -rawin -inkey KEY -in MESSAGE -sigfile SIGNATURE'.split()
        done = run_openssl(how, {'KEY': SPKI + key, 'MESSAGE': message, 'SIGNATURE': signature})
        CHECKED[asked] = done.returncode == 0
    return CHECKED[asked]


def assert_openssl():
    if not ed25519(KNOWN_KEY, b'\x72', KNOWN_SIGNATURE):
        raise Undecided(None, Said('openssl cannot check Ed25519; version 3.0 or newer is needed'))


# ----------------------------------------------------------------------------------------------------------
# Keys, policies, notes, checkpoints and proofs: the formats of C2SP

LOG, WITNESS = 0x01, 0x04
SPACE = re.compile('[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]')
Key = namedtuple('Key', 'name id type public')
Line = namedtuple('Line', 'name id signature')
# `cosigned`: the witnesses of the policy by its names for them, and their times in seconds since 1970.
Checkpoint = namedtuple('Checkpoint', 'origin size root text cosigned')
Policy = namedtuple('Policy', 'logs witnesses groups quorum')
Leaf = namedtuple('Leaf', 'id type stream revision recorded_at data metadata')


def is_key_name(name):
    return name != '' and '+' not in name and not SPACE.search(name)


def read_vkey(text, type):
    """name+id+base64(type || key); split at the first two plus signs only, since base64 has them too."""
    parts = text.split('+', 2)
    need(len(parts) == 3 and is_key_name(parts[0]), '%s is not name+id+key', cut(text))
    body = bytes_of(parts[2])
    need(len(body) == 33 and body[0] == type, '%s is not of the type that is needed here', cut(text))
    id = sha256(parts[0].encode() + b'\n' + body)[:4].hex()
    need(id == parts[1], '%s does not have its id', cut(text))
    return Key(parts[0], id, type, body[1:])


def read_policy(text):
    """A tlog-policy. Two lines with one public key are refused: nobody counts twice."""
    need(not re.search('[\x00-\x08\x0b-\x1f\x7f]', text), 'it has a control character')
    policy, members, quorums = Policy([], {}, {}, None), set(), []
    for at, line in enumerate(text.split('\n'), 1):
        words = [word for word in re.split('[ \t]+', line) if word]
        if words and not words[0].startswith('#'):
            try:
                read_policy_line(words[0], words[1:], policy, members, quorums)
            except Malformed as bad:
                raise Malformed('line %d: %s', at, bad) from None
    need(len(quorums) == 1, 'it must have one quorum line')
    return policy._replace(quorum=quorums[0])


def read_policy_line(kind, words, policy, members, quorums):
    shortest, longest = {'log': (1, 2), 'witness': (2, 3), 'group': (3, 10**6), 'quorum': (1, 1)}.get(kind, (1, 0))
    need(shortest <= len(words) <= longest, 'it is not a line of a policy')
    if kind == 'log':
        policy.logs.append(new_key(policy.logs, read_vkey(words[0], LOG)))
    elif kind == 'witness':
        claim(words[0], policy)
        policy.witnesses[words[0]] = new_key(policy.witnesses.values(), read_vkey(words[1], WITNESS))
    elif kind == 'group':
        claim(words[0], policy)
        for member in words[2:]:
            need(is_defined(member, policy), '%s is not defined above', cut(member))
            need(member not in members, '%s is a member already', cut(member))
            members.add(member)
        policy.groups[words[0]] = (threshold_of(words[1], len(words) - 2), words[2:])
    else:
        need(words[0] == 'none' or is_defined(words[0], policy), '%s is not defined above', cut(words[0]))
        quorums.append(words[0])


def is_defined(name, policy):
    return name in policy.witnesses or name in policy.groups


def claim(name, policy):
    need(name != 'none' and not is_defined(name, policy), '%s cannot be defined here', cut(name))


def new_key(keys, key):
    need(all(key.public != other.public for other in keys), 'the key of %s is there already', cut(key.name))
    return key


def threshold_of(word, members):
    least = int(word) if re.fullmatch('[1-9][0-9]{0,8}', word) else {'all': members, 'any': 1}.get(word, 0)
    need(1 <= least <= members, '%s is no threshold', cut(word))
    return least


def is_quorum(policy, names):
    """Whether these witnesses are enough. A group stands below its members in the file, so one pass does."""
    met = set(names)
    for name, (least, members) in policy.groups.items():
        if sum(member in met for member in members) >= least:
            met.add(name)
    return policy.quorum == 'none' or policy.quorum in met


def keys_of(policy):
    return list(policy.logs) + list(policy.witnesses.values())


def read_note(data):
    """The text of a signed note and its signature lines; the last empty line parts them."""
    note = text_of(data)
    need(not re.search('[\x00-\x09\x0b-\x1f]', note), 'it has a control character')
    end = note.rfind('\n\n')
    need(end >= 0 and note.endswith('\n'), 'it has no signatures')
    lines = note[end + 2 : -1].split('\n')
    need(len(lines) <= 100, 'it has too many signatures')
    return note[: end + 1], [read_signature(line) for line in lines]


def read_signature(line):
    words = line.split(' ')
    need(
        len(words) == 3 and words[0] == '—' and is_key_name(words[1]), '%s is not a signature line', cut(line)
    )
    data = bytes_of(words[2])
    need(len(data) > 4, 'a signature is too short')
    return Line(words[1], data[:4].hex(), data[4:])


def read_checkpoint(text):
    """Origin, size and root: three lines and no more."""
    lines = text.split('\n')
    is_checkpoint = len(lines) == 4 and lines[0] != '' and re.fullmatch(NUMBER, lines[1]) and lines[3] == ''
    need(is_checkpoint, 'it is not origin, size and root')
    need(int(lines[1]) < 2**63, 'the size is too large')
    return lines[0], int(lines[1]), hash_of(lines[2])


def is_signed(key, text, signature):
    """Whether this key made this signature of the text."""
    if key.type == LOG:
        return len(signature) == 64 and ed25519(key.public, text.encode(), signature)
    if len(signature) != 72 or time_of(signature) >= 2**63:
        return False
    message = 'cosignature/v1\ntime %d\n%s' % (time_of(signature), text)
    return ed25519(key.public, message.encode(), signature[8:])


def time_of(cosignature):
    """Seconds since 1970."""
    return struct.unpack_from('>Q', cosignature)[0]


def split_proof(data):
    """A tlog-proof in two: the place of the leaf, and the checkpoint."""
    place, blank, checkpoint = data.partition(b'\n\n')
    need(blank, 'it has no checkpoint')
    return place, checkpoint


def read_place(data):
    """The index and the hashes of a tlog-proof."""
    lines = text_of(data).split('\n')
    need(lines.pop(0) == 'c2sp.org/tlog-proof@v1', 'it is not a tlog-proof')
    if lines and lines[0].startswith('extra '):
        bytes_of(lines.pop(0)[6:])
    need(lines and re.fullmatch('index ' + NUMBER, lines[0]), 'it has no index where it must be')
    return int(lines[0][6:]), [hash_of(line) for line in lines[1:]]


def read_hashes(data):
    """Hashes in base64, one a line, each line ended."""
    lines = text_of(data).split('\n')
    need(lines.pop() == '', 'its last line is not ended')
    return [hash_of(line) for line in lines]


def read_leaf(data):
    leaf = fields(
        json_of(data),
        data=is_object,
        id=is_text,
        metadata=is_object,
        recordedAt=is_text,
        revision=is_count,
        stream=is_text,
        type=is_text,
        v=lambda v: is_count(v) and v == 1,
    )
    milliseconds(leaf['recordedAt'])
    return Leaf(*(leaf[name] for name in 'id type stream revision recordedAt data metadata'.split()))


# ----------------------------------------------------------------------------------------------------------
# The manifest, and which files may be there

UNNAMED = ('MANIFEST.json', 'ISSUE.leaf.json', 'ISSUE.tlog-proof', 'ISSUE.consistency')
REQUIRED = UNNAMED + ('checkpoint.txt', 'policy.txt')
OTHERS = REQUIRED[4:] + ('prov.json', 'timeline.html', 'BACA-SAYA.txt', 'verify.py', 'verify.html')
HEADS = ('heads/commitment.leaf.json', 'heads/commitment.tlog-proof', 'heads/head.json')
ENTRY = re.compile(r'entries/(%s)\.(?:leaf\.json|tlog-proof)' % NUMBER)
RULE_SET = re.compile(r'(policies/([ -~]+)@(%s))\.(?:leaf\.json|tlog-proof)' % NUMBER)
DOCUMENT = re.compile(r'evidence/(%s)' % SHA256)
OLDER = re.compile(r'time/(%s)\.(txt|consistency|tsr)' % NUMBER)
UUID = re.compile('[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')
INSTANT = re.compile(
    r'[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})'
)


def is_in_table(name, kind):
    """Whether docs/bundle.md knows a file of this name, in a bundle of this kind of scope."""
    if name in HEADS:
        return kind == 'person'
    return name in OTHERS or any(form.fullmatch(name) for form in (ENTRY, RULE_SET, DOCUMENT, OLDER))


def has_members(value, *names):
    return is_object(value) and set(value) == set(names)


def is_scope(value):
    if has_members(value, 'kind', 'subject'):
        return value['kind'] == 'person' and is_text(value['subject']) and bool(UUID.fullmatch(value['subject']))
    return has_members(value, 'kind', 'event') and value['kind'] == 'decision' and is_text(value['event'])


def is_request(value):
    return (
        has_members(value, 'at', 'by', 'purpose', 'role', 'scope')
        and all(is_text(value[name]) for name in ('at', 'by', 'purpose', 'role'))
        and bool(INSTANT.fullmatch(value['at']))
        and is_scope(value['scope'])
    )


def is_missing(value):
    return isinstance(value, list) and all(
        has_members(one, 'what', 'why')
        and is_text(one['what'])
        and DOCUMENT.fullmatch(one['what'])
        and one['why'] in ('erased', 'withheld', 'not-kept', 'lost', 'altered')
        for one in value
    )


def is_files(value):
    return is_object(value) and all(is_text(hash) and re.fullmatch(SHA256, hash) for hash in value.values())


def is_evidence(value):
    return isinstance(value, list) and all(
        is_object(one)
        and is_text(one.get('sha256'))
        and re.fullmatch(SHA256, one['sha256'])
        and is_count(one.get('size'))
        for one in value
    )


def read_manifest(data):
    return fields(
        json_of(data),
        asOf=is_count,
        complete=lambda value: isinstance(value, bool),
        files=is_files,
        format=lambda value: value == 'jejak-bundle/1',
        missing=is_missing,
        origin=is_text,
        request=is_request,
    )


# ----------------------------------------------------------------------------------------------------------
# The bundle, step by step

SKEW = 300 * 1000


class Bundle:
    """What is known of a bundle so far; a step relies on those before it."""

    def __init__(self, data, policy=None, tsa_ca=None):
        self.data, self.policy, self.tsa_ca = data, policy, tsa_ca and os.path.abspath(tsa_ca)
        self.files, self.manifest = None, None
        self.own = None  # The policy of the issuer: which signature lines may be there at all.
        self.head, self.issued, self.older = None, None, {}  # Checkpoints
        self.entries = None  # (index, leaf), by index
        self.rule_sets = {}  # (id, version) -> (index, leaf)
        self.commitment = None  # A leaf
        self.size, self.complete, self.stamps = None, None, []

    def check_zip(self):
        with about('zip'):
            self.files = read_zip(self.data)

    def check_manifest(self):
        with about('manifest', 'MANIFEST.json'):
            need('MANIFEST.json' in self.files, 'it is missing')
            manifest = read_manifest(self.files['MANIFEST.json'])
        named = manifest['files']
        for name in sorted(set(self.files) | set(named) | set(REQUIRED)):
            with about('manifest', name):
                need(name in self.files, 'it is missing')
                if name in UNNAMED:
                    need(name not in named, 'the manifest must not name it')
                else:
                    need(name in named, 'the manifest does not name it')
                    is_same = hashlib.sha256(self.files[name]).hexdigest() == named[name]
                    need(is_same, 'it has another SHA-256 than the manifest says')
                    is_ours = is_in_table(name, manifest['request']['scope']['kind'])
                    need(is_ours, 'no such file belongs in this bundle')
        self.manifest = manifest

    def check_signature(self):
        assert_openssl()
        with about('signature', 'policy.txt'):
            self.own = read_policy(text_of(self.files['policy.txt']))
        self.policy = self.policy or self.own
        self.head = self.checkpoint('checkpoint.txt', self.files['checkpoint.txt'])
        with about('signature', 'ISSUE.tlog-proof'):
            note = split_proof(self.files['ISSUE.tlog-proof'])[1]
        self.issued = self.checkpoint('ISSUE.tlog-proof', note)
        for size in self.sizes_with('txt'):
            file = 'time/%d.txt' % size
            self.older[size] = self.checkpoint(file, self.files[file])
            with about('signature', file):
                need(self.older[size].size == size, 'it is of another size than its name')

    def sizes_with(self, kind):
        """The sizes, ascending, for which there is a file of this kind in time/."""
        matches = (OLDER.fullmatch(name) for name in self.files)
        return sorted(int(match[1]) for match in matches if match and match[2] == kind)

    def checkpoint(self, file, data):
        """A checkpoint whose signatures all hold, one of them by a log of the policy; the quorum is not looked at."""
        with about('signature', file):
            text, lines = read_note(data)
            origin, size, root = read_checkpoint(text)
            need(origin == self.manifest['origin'], 'it is of the log %s', cut(origin))
            signed = {}
            for line in lines:
                who = cut('%s+%s' % (line.name, line.id))
                need((line.name, line.id) not in signed, '%s signed twice', who)
                signed[line.name, line.id] = line.signature
                is_listed = any((key.name, key.id) == (line.name, line.id) for key in keys_of(self.own))
                need(is_listed, 'the key %s is not in policy.txt', who)
                for key in keys_of(self.own) + keys_of(self.policy):
                    if (key.name, key.id) == (line.name, line.id):
                        need(is_signed(key, text, line.signature), 'the signature of %s is wrong', who)
            is_by_log = any((key.name, key.id) in signed and key.name == origin for key in self.policy.logs)
            need(is_by_log, 'no log key of the policy signed it')
            witnesses = self.policy.witnesses.items()
            cosigned = {
                name: time_of(signed[key.name, key.id]) for name, key in witnesses if (key.name, key.id) in signed
            }
            return Checkpoint(origin, size, root, text, cosigned)

    def check_quorum(self):
        for file, checkpoint in (('checkpoint.txt', self.head), ('ISSUE.tlog-proof', self.issued)):
            with about('quorum', file):
                who = ', '.join(cut(name) for name in checkpoint.cosigned) or '-'
                need(is_quorum(self.policy, checkpoint.cosigned), 'the quorum is lacking; cosigned: %s', who)
        self.size = self.head.size

    def check_issue(self):
        with about('issue', 'ISSUE.leaf.json'):
            data = self.files['ISSUE.leaf.json']
            leaf = read_leaf(data)
            need(leaf.type == 'BundleIssued', 'it is not BundleIssued')
            stated = {
                'manifest': hashlib.sha256(self.files['MANIFEST.json']).hexdigest(),
                'scope': self.manifest['request']['scope'],
                'purpose': self.manifest['request']['purpose'],
                'asOf': self.manifest['asOf'],
                'complete': self.manifest['complete'],
            }
            for name, value in stated.items():
                said = leaf.data.get(name)
                need(type(said) is type(value) and said == value, 'it names another %s', name)
        with about('issue', 'ISSUE.tlog-proof'):
            index, proof = read_place(split_proof(self.files['ISSUE.tlog-proof'])[0])
            is_in = is_included(leaf_hash(data), index, self.issued.size, proof, self.issued.root)
            need(is_in, 'it is not in the log where its proof says')
        with about('issue', 'ISSUE.consistency'):
            proof = read_hashes(self.files['ISSUE.consistency'])
            goes_on = is_consistent(self.head.size, self.head.root, self.issued.size, self.issued.root, proof)
            need(goes_on, 'the log does not go on from checkpoint.txt')

    def check_inclusion(self):
        entries = []
        for index in sorted({int(match[1]) for match in map(ENTRY.fullmatch, self.files) if match}):
            entries.append((index, self.included('entries/%d' % index, index)[1]))
        for stem, id, version in sorted({match.groups() for match in map(RULE_SET.fullmatch, self.files) if match}):
            self.rule_sets[id, int(version)] = self.included(stem)
        if any(name in self.files for name in HEADS[:2]):
            self.commitment = self.included('heads/commitment')[1]
        self.entries = entries

    def included(self, stem, index=None):
        """The index of a leaf and what it says, where it is in the log of checkpoint.txt."""
        with about('inclusion', stem + '.tlog-proof', index):
            need(stem + '.tlog-proof' in self.files, 'it is missing')
            place, checkpoint = split_proof(self.files[stem + '.tlog-proof'])
            need(checkpoint == self.files['checkpoint.txt'], 'it stands under another checkpoint')
            at, proof = read_place(place)
            need(index is None or at == index, 'it is of the index %d', at)
        with about('inclusion', stem + '.leaf.json', at):
            need(stem + '.leaf.json' in self.files, 'it is missing')
            data = self.files[stem + '.leaf.json']
            is_in = is_included(leaf_hash(data), at, self.head.size, proof, self.head.root)
            need(is_in, 'it is not in the log where its proof says')
            return at, read_leaf(data)

    def check_gap(self):
        scope = self.manifest['request']['scope']
        if scope['kind'] == 'decision':
            with about('gap'):
                is_there = any(leaf.id == scope['event'] for _, leaf in self.entries)
                need(is_there, 'the decision is not among the entries')
                need(not self.manifest['complete'], 'nothing proves it complete')
        else:
            self.assert_stream('civilServant-' + scope['subject'])
        self.complete = self.manifest['complete']

    def assert_stream(self, stream):
        """The entries are of this stream, from its first revision on; where that is claimed, to its last."""
        for revision, (index, leaf) in enumerate(self.entries):
            with about('gap', 'entries/%d.leaf.json' % index, index):
                need(leaf.stream == stream, 'it is of another stream')
                is_next = leaf.revision == revision
                need(is_next, 'it is revision %d where %d must be', leaf.revision, revision)
        if self.manifest['complete']:
            with about('gap', 'heads/head.json'):
                need('heads/head.json' in self.files, 'it is missing')
                self.assert_head(stream, json_of(self.files['heads/head.json']))

    def assert_head(self, stream, head):
        """The head of the stream is among those that were committed to as of asOf, and the entries lead up to it."""
        fields(
            head,
            count=is_count,
            lastIndex=is_count,
            position=is_count,
            proof=lambda value: isinstance(value, list) and all(map(is_text, value)),
            stream=lambda value: value == stream,
            versions=is_count,
        )
        is_there = self.commitment is not None and self.commitment.type == 'HeadsCommitted'
        need(is_there, 'there is no commitment to the heads')
        as_of, count, root = (self.commitment.data.get(name) for name in ('asOf', 'count', 'root'))
        is_form = is_count(as_of) and is_count(count) and is_text(root)
        need(is_form, 'the commitment is not asOf, count and root')
        need(as_of == self.manifest['asOf'], 'the commitment is as of another size')
        need(count == head['count'], 'the commitment has another count')
        leaf = leaf_hash(stream.encode() + struct.pack('>BQQ', 0, head['versions'], head['lastIndex']))
        proof = [hash_of(line) for line in head['proof']]
        is_in = is_included(leaf, head['position'], count, proof, hash_of(root))
        need(is_in, 'the head is not among the committed ones')
        is_all = len(self.entries) == head['versions'] and [head['lastIndex']] == [at for at, _ in self.entries[-1:]]
        need(is_all, 'the entries are not all of the stream')

    def check_rule(self):
        for index, leaf in self.entries:
            if 'ruleSet' in leaf.data:
                named = leaf.data['ruleSet']
                with about('rule', 'entries/%d.leaf.json' % index, index):
                    is_named = is_object(named) and is_text(named.get('id')) and is_count(named.get('version'))
                    need(is_named, 'its rule set has no id and version')
                id, version = named['id'], named['version']
                with about('rule', 'policies/%s@%d.leaf.json' % (id, version), index):
                    need((id, version) in self.rule_sets, 'it is missing')
                    published_at, published = self.rule_sets[id, version]
                    says = published.data.get('id'), published.data.get('version')
                    is_it = published.type == 'RuleSetPublished' and is_count(says[1]) and says == (id, version)
                    need(is_it, 'it is not the rule set of its name')
                    need(published_at < index, 'it was published after the entry')

    def check_evidence(self):
        documents = [name for name in sorted(self.files) if DOCUMENT.fullmatch(name)]
        for name in documents:
            with about('evidence', name):
                is_its = 'evidence/' + hashlib.sha256(self.files[name]).hexdigest() == name
                need(is_its, 'its SHA-256 is not its name')
        missing = {one['what'] for one in self.manifest['missing']}
        named = set()
        for index, leaf in self.entries:
            stated = leaf.metadata.get('evidence', [])
            with about('evidence', 'entries/%d.leaf.json' % index, index):
                need(is_evidence(stated), 'its evidence is not stated as it must be')
            for one in stated:
                name = 'evidence/' + one['sha256']
                named.add(name)
                with about('evidence', name, index):
                    need(name in self.files or name in missing, 'it is neither here nor said to be missing')
                    is_size = name not in self.files or len(self.files[name]) == one['size']
                    need(is_size, 'it is not of the size that the entry states')
        for name in documents:
            with about('evidence', name):
                need(name in named, 'no entry names it')

    def check_consistency(self):
        for size in self.sizes_with('consistency'):
            with about('consistency', 'time/%d.consistency' % size):
                need(size in self.older, 'its checkpoint is missing')
        ascending = [self.older[size] for size in sorted(self.older)] + [self.head]
        for older, newer in zip(ascending, ascending[1:]):
            file = 'time/%d.consistency' % older.size
            with about('consistency', file):
                need(file in self.files, 'it is missing')
                need(older.size < newer.size, 'its checkpoint is not older than checkpoint.txt')
                proof = read_hashes(self.files[file])
                goes_on = is_consistent(older.size, older.root, newer.size, newer.root, proof)
                need(goes_on, 'the log does not go on from it to %d', newer.size)

    def check_time(self):
        checkpoints = list(self.older.values()) + [self.head, self.issued]
        checkpoints = sorted((one for one in checkpoints if one.cosigned), key=lambda one: one.size)
        before = None
        for index, leaf in self.entries:
            with about('time', 'entries/%d.leaf.json' % index, index):
                at = milliseconds(leaf.recorded_at)
                need(before is None or before <= at, 'it was recorded before the entry before it')
                before = at
                for one in [one for one in checkpoints if one.size > index][:1]:
                    is_not_late = at <= min(one.cosigned.values()) * 1000 + SKEW
                    need(is_not_late, 'witnesses saw it before it was recorded')
                for one in [one for one in checkpoints if one.size <= index][-1:]:
                    is_not_early = at >= max(one.cosigned.values()) * 1000 - SKEW
                    need(is_not_early, 'it is back-dated: witnesses saw a log without it later')
        self.assert_stamps()

    def assert_stamps(self):
        """RFC 3161 responses are looked at only where the reader gave the certificate of an authority."""
        texts = {size: one.text for size, one in list(self.older.items()) + [(self.head.size, self.head)]}
        for size in self.sizes_with('tsr'):
            file = 'time/%d.tsr' % size
            with about('time', file):
                need(size in texts, 'its checkpoint is missing')
                if self.tsa_ca:
                    self.stamps.append((size, self.stamp(file, texts[size].encode())))

    def stamp(self, file, text):
        """When the authority saw the text, in its own words."""
        files = {'RESPONSE': self.files[file], 'TEXT': text}
        verify = ['ts', '-verify', '-data', 'TEXT', '-in', 'RESPONSE', '-CAfile', self.tsa_ca]
        done = run_openssl(verify, files)
        if done.returncode != 0 and b'certificate verify error' in done.stdout:
            said = Said('the timestamp was not made under the certificates given, or they are not valid now')
            raise Undecided(None, said, file)
        need(done.returncode == 0, 'it is not a timestamp of that checkpoint')
        shown = run_openssl(['ts', '-reply', '-in', 'RESPONSE', '-text'], files).stdout
        # The last one: words of the response that nobody signed are shown before.
        times = re.findall(rb'^Time stamp: ([ -~]+)$', shown, re.MULTILINE)
        return times[-1].decode() if times else '?'


STEPS = (
    Bundle.check_zip,
    Bundle.check_manifest,
    Bundle.check_signature,
    Bundle.check_quorum,
    Bundle.check_issue,
    Bundle.check_inclusion,
    Bundle.check_gap,
    Bundle.check_rule,
    Bundle.check_evidence,
    Bundle.check_consistency,
    Bundle.check_time,
)

# ----------------------------------------------------------------------------------------------------------
# The answer


def verify(data, policy_text=None, tsa_ca=None):
    """The answer on the bytes of a bundle, as docs/bundle.md has it. `policy_text`: a tlog-policy, or one vkey."""
    return examine(data, policy_text, tsa_ca)[0]


def examine(data, policy_text=None, tsa_ca=None):
    """The answer, and the bundle as far as it was understood."""
    bundle = Bundle(data, None, tsa_ca)
    try:
        bundle.policy = readers_policy(policy_text)
        for step in STEPS:
            step(bundle)
        if policy_text is None:
            keys = ', '.join(cut('%s+%s' % (key.name, key.id)) for key in keys_of(bundle.own))
            raise Undecided('trust', Said(NOT_VOUCHED_FOR, keys))
    except Tampered as bad:
        return answer(bundle, 'tampered', bad.said, bad.reason, bad.index, bad.file), bundle
    except Undecided as bad:
        return answer(bundle, 'undecided', bad.said, bad.reason, bad.index, bad.file), bundle
    return answer(bundle, 'sound', Said('everything holds under the policy given')), bundle


def readers_policy(text):
    """The policy of the reader; of one key, where that is all the text."""
    if text is None:
        return None
    try:
        is_vkey = len(text.split()) == 1 and '+' in text
        policy = Policy([read_vkey(text.strip(), LOG)], {}, {}, 'none') if is_vkey else read_policy(text)
        need(policy.logs, 'it names no log')
        return policy
    except Malformed as bad:
        raise Undecided('trust', Said('the policy given cannot be used: %s', bad)) from None


def sayable(number):
    """A number as JSON can say it to every reader: beyond 2^53 as a text."""
    return number if number is None or number <= SAFE else str(number)


def answer(bundle, verdict, said, reason=None, index=None, file=None):
    where = '' if file is None else file + ': '
    manifest = bundle.manifest or {}
    return {
        'verdict': verdict,
        'reason': reason,
        'index': sayable(index),
        'file': file,
        'words': {'en': where + said.en, 'id': where + said.id},
        'origin': manifest.get('origin'),
        'size': sayable(bundle.size),
        'asOf': manifest.get('asOf'),
        'complete': bundle.complete,
        'missing': manifest.get('missing'),
        'entries': None if bundle.entries is None else len(bundle.entries),
    }


EXIT = {'sound': 0, 'tampered': 1, 'undecided': 2}
VERDICT = {
    'sound': 'UTUH / SOUND',
    'tampered': 'DIUBAH / TAMPERED',
    'undecided': 'BELUM DAPAT DIPUTUSKAN / UNDECIDED',
}
WHY = {
    'erased': 'dimusnahkan / erased',
    'withheld': 'tidak dibuka / withheld',
    'not-kept': 'tidak disimpan / not kept',
    'lost': 'hilang dari penyimpanan / lost since it was kept',
    'altered': 'isinya berubah sejak disimpan / altered since it was kept',
}


def plain(text):
    """A text of the bundle for a terminal, to which control characters would be commands."""
    return re.sub('[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]', '?', text)


def report(result, bundle):
    """The answer for people, line by line."""
    yield VERDICT[result['verdict']] + ('' if result['reason'] is None else ': ' + result['reason'])
    yield result['words']['id']
    yield result['words']['en']
    if result['index'] is not None:
        yield 'Indeks pertama yang salah / first bad index: %s' % result['index']
    if bundle is None or bundle.size is None:
        return
    yield 'Log: %s' % result['origin']
    yield 'Ukuran / size: %d' % bundle.size
    if bundle.complete:
        yield 'LENGKAP per ukuran %d / COMPLETE as of size %d' % (result['asOf'], result['asOf'])
    elif bundle.complete is False:
        yield 'Tidak dinyatakan lengkap / not said to be complete'
    believed = [] if result['reason'] == 'trust' else keys_of(bundle.policy)
    for key in keys_of(bundle.own):
        kind = 'log' if key.type == LOG else 'saksi / witness'
        doubt = '' if key in believed else ', belum dijamin / not vouched for'
        yield 'Kunci / key: %s+%s (%s%s)' % (key.name, key.id, kind, doubt)
    for checkpoint in [bundle.older[size] for size in sorted(bundle.older)] + [bundle.head, bundle.issued]:
        for name, seconds in checkpoint.cosigned.items():
            yield 'Ukuran / size %d: %s, %s' % (checkpoint.size, moment(seconds), name)
    for size, when in bundle.stamps:
        yield 'Ukuran / size %d: %s, RFC 3161' % (size, when)
    for one in result['missing']:
        yield 'Tidak ada / missing: %s, %s' % (one['what'], WHY[one['why']])
    for index, leaf in bundle.entries or ():
        tmt = leaf.data.get('tmt')
        yield 'Entri / entry %d: %s %s%s' % (
            index, leaf.recorded_at, leaf.type, ', TMT ' + tmt if is_text(tmt) else ''
        )


def moment(seconds):
    try:
        return (EPOCH + datetime.timedelta(seconds=seconds)).isoformat() + 'Z'
    except OverflowError:
        return str(seconds)


def read_file(path, reason=None):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as cause:
        raise Undecided(reason, Said('%s cannot be read (%s)', path, cause.strerror)) from None


def answer_for(options):
    """The answer to a command line, and the bundle where it could be read."""
    try:
        policy = options.log_key
        if options.policy is not None:
            policy = read_file(options.policy, 'trust').decode('utf-8', 'replace')
        if options.tsa_ca is not None:
            read_file(options.tsa_ca)
        return examine(read_file(options.file), policy, options.tsa_ca)
    except Undecided as bad:
        return answer(Bundle(b''), 'undecided', bad.said, bad.reason), None


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('file', metavar='FILE', help='berkas bukti / the bundle')
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument('--policy', metavar='FILE', help='kebijakan yang Anda percaya / the tlog-policy you believe')
    whom.add_argument('--log-key', metavar='VKEY', help='kunci log ini, tanpa saksi / this key, no witnesses')
    parser.add_argument('--tsa-ca', metavar='FILE', help='sertifikat TSA / certificate of the RFC 3161 authority')
    parser.add_argument('--json', action='store_true', help='jawaban sebagai JSON / the answer as JSON')
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors='replace')
    result, bundle = answer_for(options)
    print(json.dumps(result) if options.json else '\n'.join(map(plain, report(result, bundle))))
    return EXIT[result['verdict']]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
