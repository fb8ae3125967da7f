"""Answers for verify.py, one request and one answer a line: so a test starts Python once. Argument: its directory."""

import base64
import json
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import verify  # noqa: E402


def answer(request):
    data, policy = base64.b64decode(request['bundle']), request.get('policy')
    for key, message, signature in request.get('known', []):
        verify.CHECKED[tuple(map(base64.b64decode, (key, message, signature)))] = True
    if 'flip' not in request:
        return verify.verify(data, policy)
    changed, verdicts = bytearray(data), []
    for at in range(len(changed)):
        changed[at] ^= request['flip']
        verdicts.append(verify.verify(bytes(changed), policy)['verdict'])
        changed[at] ^= request['flip']
    return verdicts


for line in sys.stdin:
    try:
        said = {'answer': answer(json.loads(line))}
    except Exception:
        said = {'crash': traceback.format_exc()}
    print(json.dumps(said), flush=True)
