# shellcheck shell=bash disable=SC2154
# The man pages and the completion say what the program's own help says.

texts_cases() {
  check Every_command_and_option_stands_in_the_man_page
  check Every_policy_key_stands_in_the_man_page
  check Every_setting_stands_in_the_man_page
  check Every_exit_code_stands_in_the_man_page
  check The_man_pages_are_formatted_without_warnings
  check The_completion_offers_the_commands_and_options_of_the_help_and_no_other
}

# The commands below a command, from its help: commands_of [COMMAND...]
commands_of() {
  "$program" "$@" --help | sed -n '/^Commands:/,$p' | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p'
}

# Every command that does something: "serve", "audit verify", …
all_commands() {
  local command sub
  for command in $(commands_of); do
    if [[ -z $(commands_of "$command") ]]; then echo "$command"; fi
    for sub in $(commands_of "$command"); do
      echo "$command $sub"
    done
  done
}

# Every command that reads settings takes them as options; most do not show them in their help, but say so.
# shellcheck disable=SC2086
options_of() {
  local help
  help=$("$program" $1 --help)
  sed -n '/^Options:/,/^Commands:/p' <<<"$help" | grep -oE '^ +(-[?h], )*--[a-z-]+' | grep -oE -- '--[a-z-]+'
  if [[ $help == *'is an option here too'* ]]; then settings_keys | sed 's/^/--/'; fi
}

# Writes a page without the marks of roff to $work/page: page NAME.SECTION
page() {
  zcat "$work/tree/usr/share/man/man${1##*.}/$1.gz" | sed -e 's/\\-/-/g' -e 's/\\f[BIR]//g' -e 's/"//g' >"$work/page"
}

# Every line of the input must stand in the page as a word of its own.
in_page() {
  local word
  page "$1"
  while read -r word; do
    grep -qE -- "(^|[^a-z-])$word([^a-z-]|\$)" "$work/page" || { echo "$1 does not name $word"; return 1; }
  done
}

Every_command_and_option_stands_in_the_man_page() {
  local command
  all_commands >"$work/commands"
  (($(wc -l <"$work/commands") > 8))
  in_page content-trust.8 <"$work/commands"
  settings_keys | sed 's/^/--/' >"$work/settings"
  while read -r command; do
    options_of "$command" | grep -vxF -f "$work/settings" | in_page content-trust.8
  done <"$work/commands"
}

settings_keys() { sed -n 's/^  "\([a-z-]*\)":.*/\1/p' config/settings.json; }

Every_policy_key_stands_in_the_man_page() {
  # The example shows every key: ReferenceTests compares it with the code.
  sed -n '/"content-trust": {/,$p' daemon.json.example | grep -oE '"[a-z-]+": ' | grep -oE '[a-z-]+' | grep -vx content-trust >"$work/keys"
  (($(wc -l <"$work/keys") > 15))
  in_page content-trust.json.5 <"$work/keys"
}

Every_setting_stands_in_the_man_page() {
  # The file has every setting: ReferenceTests compares it with the code.
  settings_keys >"$work/keys"
  (($(wc -l <"$work/keys") > 30))
  in_page content-trust-settings.5 <"$work/keys"
}

Every_exit_code_stands_in_the_man_page() {
  local code
  page content-trust.8
  for code in $(sed -n 's/.*public const int [A-Za-z]* = \([0-9]*\);/\1/p' src/AuthzPlugin/Hosting/ExitCodes.cs); do
    sed -n '/^\.SH EXIT STATUS/,/^\.SH FILES/p' "$work/page" | grep -cxF ".B $code" >/dev/null || { echo "exit code $code is not described"; return 1; }
  done
}

The_man_pages_are_formatted_without_warnings() {
  local file
  command -v groff >/dev/null || { echo 'there is no groff here'; return 77; }
  for file in "$work"/tree/usr/share/man/man*/*; do
    same '' "$(zcat "$file" | groff -k -man -Tutf8 -ww -z 2>&1)" "$file"
  done
}

# completed WORD...: what the completion offers behind these words.
completed() {
  (
    . packaging/completion/content-trust.bash
    COMP_WORDS=(content-trust "$@" '') COMP_CWORD=$(($# + 1))
    _content_trust
    printf '%s\n' "${COMPREPLY[@]}"
  ) | sort
}

The_completion_offers_the_commands_and_options_of_the_help_and_no_other() {
  local command
  diff <({ commands_of; options_of ''; } | sort) <(completed)
  for command in $(commands_of); do
    if [[ -n $(commands_of "$command") ]]; then
      diff <({ commands_of "$command"; options_of "$command"; } | sort) <(completed "$command")
    fi
  done
  while read -r command; do
    # A dash first: some commands complete files otherwise.
    # shellcheck disable=SC2086
    diff <(options_of "$command" | sort) <(completed_options $command) || { echo "behind $command"; return 1; }
  done < <(all_commands)
}

completed_options() {
  (
    . packaging/completion/content-trust.bash
    COMP_WORDS=(content-trust "$@" --) COMP_CWORD=$(($# + 1))
    _content_trust
    printf '%s\n' "${COMPREPLY[@]}"
  ) | sort
}
