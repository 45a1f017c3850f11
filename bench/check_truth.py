#!/usr/bin/env python3
"""Compares what Mailscope reads from a generated capture with the generator's ground truth.

usage: check_truth.py MAILSCOPE CAPTURE TRUTH.json
Prints one line a figure; exit status 1 when one differs."""
import collections, hashlib, json, subprocess, sys


def records(program, command, capture):
    run = subprocess.Popen([program, command, '--format', 'ndjson', '-q', capture], stdout=subprocess.PIPE)
    for line in run.stdout:
        yield json.loads(line)
    if run.wait() != 0:
        raise SystemExit(f'{command}: exit status {run.returncode}')


def digest(hashes):
    return hashlib.sha256(b''.join(sorted(bytes.fromhex(h) for h in hashes))).hexdigest()


def main(program, capture, truth_file):
    truth = json.load(open(truth_file))
    messages, attachments, by_protocol = [], [], collections.Counter()
    protocol = {}
    found = collections.Counter()
    for s in records(program, 'sessions', capture):
        kind = 'tls' if s['transport'] != 'plain' and s['bytes']['client'] and s['transport'] == 'tls' else s['protocol']
        protocol[s['id']] = s['protocol']
        found['sessions', kind] += 1
        for code, n in s.get('codes', {}).items():
            found['code', s['protocol'], code] += n
        auth = s.get('auth', {})
        if auth.get('result') == 'failed':
            found['auth_failures', s['protocol']] += 1
        if auth.get('result') == 'ok':
            found['auth_ok', s['protocol']] += 1
    rejected = 0
    for m in records(program, 'messages', capture):
        if not m['complete'] or m['status'] == 'incomplete':
            found['incomplete'] += 1
            continue
        messages.append(m['sha256'])
        by_protocol['messages', protocol[m['session']]] += 1
        rejected += m['status'] == 'rejected'
        for p in m['parts']:
            if p.get('filename') and not p['type'].startswith(('multipart/', 'message/')):
                attachments.append(p['sha256'])
                by_protocol['attachments', protocol[m['session']]] += 1
    checks = [('messages digest', truth['messages_sha256_of_sorted_sha256'], digest(messages)),
              ('attachments digest', truth['attachments_sha256_of_sorted_sha256'], digest(attachments)),
              ('smtp 554 messages', truth['smtp']['message_rejected_554'], rejected),
              ('smtp 550', truth['smtp']['rcpt_rejected_550'], found['code', 'smtp', '550']),
              ('smtp 451', truth['smtp']['rcpt_greylisted_451'], found['code', 'smtp', '451'])]
    for p in ('smtp', 'pop3', 'imap'):
        checks += [(f'messages {p}', truth['messages'][p], by_protocol['messages', p]),
                   (f'attachments {p}', truth['attachments'][p], by_protocol['attachments', p]),
                   (f'auth failures {p}', truth['auth_failures'][p], found['auth_failures', p]),
                   (f'auth ok {p}', truth['auth_ok'][p], found['auth_ok', p])]
    checks.append(('sessions', sum(truth['sessions'].values()) - truth['sessions']['noise'], len(protocol)))
    bad = 0
    for name, want, got in checks:
        bad += want != got
        print(f"{'ok  ' if want == got else 'DIFF'} {name}: truth {want}, mailscope {got}")
    return bad != 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:4]))
