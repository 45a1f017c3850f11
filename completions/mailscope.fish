# fish completion for mailscope

set -l commands diagnose sessions exchanges messages findings packets follow ladder stats export fields

complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a diagnose -d 'the one-screen answer'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a sessions -d 'every mail connection'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a exchanges -d 'every command with its replies'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a messages -d 'every message seen'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a findings -d 'every problem found'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a packets -d 'frames as a packet list'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a follow -d 'the dialogue of session N'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a ladder -d 'session N as a sequence diagram'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a stats -d 'tables'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a export -d 'messages or attachments as files'
complete -c mailscope -n "not __fish_seen_subcommand_from $commands" -a fields -d 'the names of all fields'
complete -c mailscope -n "__fish_seen_subcommand_from stats; and not __fish_seen_subcommand_from codes commands conversations endpoints times tls" -a "codes commands conversations endpoints times tls"
complete -c mailscope -n "__fish_seen_subcommand_from export; and not __fish_seen_subcommand_from messages attachments" -a "messages attachments"

complete -c mailscope -s Y -l filter -x -d 'keep what matches this display filter'
complete -c mailscope -s f -l format -x -a "table ndjson json csv tsv" -d 'how to print'
complete -c mailscope -n "__fish_seen_subcommand_from follow" -s f -l format -x -a "raw ascii hex c-array" -d 'bytes'
complete -c mailscope -n "__fish_seen_subcommand_from follow" -l only -x -a "client server" -d 'what this side said alone'
complete -c mailscope -l json -d 'the same as --format ndjson'
complete -c mailscope -s e -l field -x -a "(mailscope fields -f tsv 2>/dev/null | tail -n +2 | cut -f 2 | sort -u)" -d 'print just this field'
complete -c mailscope -s o -l output -r -d 'write there'
complete -c mailscope -l decode-as -x -a "25= 110= 143= 587=" -d 'PORT=smtp, pop3, imap, lmtp, smtps, pop3s or imaps'
complete -c mailscope -l keylog -r -F -d 'read TLS with this key log'
complete -c mailscope -l private-key -r -F -d 'read TLS with this private key of the server'
complete -c mailscope -l show-secrets -d 'print passwords and tokens'
complete -c mailscope -l fail-on -x -a "note warning error critical" -d 'exit 1 when such a finding exists'
complete -c mailscope -l limit -x -a "list (mailscope --limit list 2>/dev/null | tail -n +2 | string replace -r ' .*' =)" -d 'change a limit'
complete -c mailscope -l color -x -a "auto always never" -d 'colors'
complete -c mailscope -l progress -x -a "auto always never" -d 'progress bar'
complete -c mailscope -s q -l quiet -d 'no remarks on standard error'
complete -c mailscope -s v -l verbose -d 'also say on standard error what the frames were'
complete -c mailscope -l list -d 'with findings: the catalogue'
complete -c mailscope -s h -l help -d 'help'
complete -c mailscope -s V -l version -d 'version'
