# bash completion for mailscope

_mailscope() {
    local cur prev words cword
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD-1]}
    local commands="diagnose sessions exchanges messages findings packets follow ladder stats check export fields"
    local options="-Y --filter -f --format --json -e --field -E --field-option --occurrence --aggregator -t --time-format -o --output --decode-as --keylog --private-key --show-secrets --only --whole-sessions --with-keys --mask --mask-key --interval --series --fail-on --limit --resolve --rules --yara --clamd --weigh --color --progress
        -q --quiet -v --verbose --list -h --help -V --version"
    local command="" word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            diagnose|sessions|exchanges|messages|findings|packets|follow|ladder|stats|check|export|fields) command=$word; break ;;
        esac
    done
    COMPREPLY=()
    case $prev in
        -f|--format)
            local formats="table ndjson json csv tsv"
            [[ $command == follow ]] && formats+=" raw ascii hex c-array"
            COMPREPLY=($(compgen -W "$formats" -- "$cur")); return ;;
        -E|--field-option) COMPREPLY=($(compgen -W "header=n separator=/t aggregator=/s occurrence=f occurrence=l quote=d quote=s quote=n bom=y" -- "$cur")); return ;;
        --occurrence) COMPREPLY=($(compgen -W "f l a" -- "$cur")); return ;;
        -t|--time-format) COMPREPLY=($(compgen -W "relative absolute date epoch delta delta-displayed" -- "$cur")); return ;;
        --only) COMPREPLY=($(compgen -W "client server" -- "$cur")); return ;;
        --interval) COMPREPLY=($(compgen -W "auto 0 1 10 60" -- "$cur")); return ;;
        --fail-on) COMPREPLY=($(compgen -W "note warning error critical" -- "$cur")); return ;;
        --color|--progress) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
        --limit) COMPREPLY=($(compgen -W "list $(mailscope --limit list 2>/dev/null | awk 'NR > 1 { print $1 "=" }')" -- "$cur"))
            compopt -o nospace; return ;;
        -e|--field) COMPREPLY=($(compgen -W "$(mailscope fields -f tsv 2>/dev/null |
            awk -F '\t' -v c="${command%s}" 'NR > 1 && $1 == c { print $2 }')" -- "$cur")); return ;;
        --decode-as)
            case $cur in
                *=*) COMPREPLY=($(compgen -W "smtp pop3 imap lmtp smtps pop3s imaps" -- "${cur#*=}")) ;;
            esac
            return ;;
        =)
            [[ ${COMP_WORDS[COMP_CWORD-3]} == --decode-as ]] &&
                COMPREPLY=($(compgen -W "smtp pop3 imap lmtp smtps pop3s imaps" -- "$cur"))
            return ;;
        stats) COMPREPLY=($(compgen -W "codes commands conversations endpoints io times tls" -- "$cur")); return ;;
        export) COMPREPLY=($(compgen -W "messages attachments packets" -- "$cur")); return ;;
        -o|--output|--keylog|--private-key|--mask-key|--rules|--yara|--clamd) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames; return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    [[ -z $command ]] && COMPREPLY=($(compgen -W "$commands" -- "$cur"))
    COMPREPLY+=($(compgen -f -- "$cur"))
    compopt -o filenames
}

complete -F _mailscope mailscope
