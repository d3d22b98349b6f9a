# bash completion for content-trust(8)                                     -*- shell-script -*-

_content_trust_settings='--settings
    --socket --admin-socket --gate-socket --engine-socket --daemon-config --policy-file --certs-dir --state-dir --audit-file
    --audit-max-size --audit-keep --audit-flush --audit-on-failure --audit-journald --audit-syslog --credentials-file
    --token-realms --proxy --metrics-listen --otlp-endpoint --otlp-interval --decision-timeout --engine-timeout --trust-server-connect-timeout
    --trust-server-request-timeout --trust-server-update-timeout --trust-server-retry --trust-server-retry-max
    --negative-cache --max-message-size --max-engine-answer-size --max-timestamp-size --max-root-size --max-metadata-size
    --max-root-rotations --max-delegations --max-requests-per-trust-server --max-concurrent-decisions --max-cache-size
    --max-cache-memory --max-approvals'

# The options of a command, besides --help and the settings that each takes.
_content_trust_options() {
    case $1 in
        serve) echo --strict-start ;;
        'gate enable' | 'gate disable') echo --dry-run --root --json ;;
        check-config | 'import notation' | 'import containers-policy' | 'import mirantis') echo --json ;;
        break-glass) echo --for --reason --end --json ;;
        'cache list' | 'cache show' | 'cache purge' | 'cache forget') echo --json ;;
        verify) echo --offline --at --json ;;
        explain) echo --method --uri --body --policy --json ;;
        keys) echo --json ;;
        status) echo --expiring-within --json ;;
        report) echo --host --since --offline --json ;;
        'audit verify') echo --file --head --json ;;
        'audit show') echo --file --since --until --image --outcome --user --json ;;
    esac
}

_content_trust_words() {
    case $1 in
        '') echo serve check-config verify explain keys status report audit cache break-glass gate import --help --version ;;
        audit) echo verify show --help ;;
        cache) echo list show purge forget --help ;;
        gate) echo enable disable --help ;;
        import) echo notation containers-policy mirantis --help ;;
        gate\ * | import\ *) echo "$(_content_trust_options "$1") --help" ;;
        *) echo "$(_content_trust_options "$1") --help $_content_trust_settings" ;;
    esac
}

_content_trust() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        command=''
    elif [[ $command == audit || $command == cache || $command == gate || $command == import ]] && ((COMP_CWORD > 2)); then
        command+=" ${COMP_WORDS[2]}"
    fi
    case $prev in
        --settings | --policy | --file | --*-file | --*-dir | --*socket | --daemon-config | --audit-syslog)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
            ;;
        --outcome)
            mapfile -t COMPREPLY < <(compgen -W 'trusted refused undecided excepted' -- "$cur")
            return
            ;;
        --method)
            mapfile -t COMPREPLY < <(compgen -W 'GET HEAD POST PUT DELETE' -- "$cur")
            return
            ;;
    esac
    if [[ ($command == keys || $command == check-config || $command == import\ *) && $cur != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -W "$(_content_trust_words "$command")" -- "$cur")
    fi
}

complete -F _content_trust content-trust
