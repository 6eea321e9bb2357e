#!/bin/sh
# Runs a program and notes the terminal's state before and after it: its settings, the title of its tmux pane, and the
# bytes that nobody has read.
#   around.sh NOTES COMMAND...
notes=$1
shift
note() {
    # Not `-a`: that names the size too, which is the terminal's to change, and may not be set yet when this starts.
    stty -g >"$notes/settings.$1"
    [ -z "${TMUX:-}" ] || tmux display -p -t "$TMUX_PANE" '#{pane_title}' >"$notes/title.$1"
}
note before
"$@"
status=$?
note after
settings=$(stty -g)
stty raw -echo min 0 time 10
cat >"$notes/unread"
stty "$settings"
exit "$status"
