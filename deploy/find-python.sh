#!/bin/sh
# Print the first of the given interpreters that Suian can use: Python 3.11-3.13 with venv and pip.
# Where there is none, say what is missing and how Debian gets it.
seen=''
for python in "$@"; do
    command -v "$python" >/dev/null 2>&1 || continue
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.11 | 3.12 | 3.13) ;;
        *)
            seen="$seen $python is $version;"
            continue
            ;;
    esac
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
    seen="$seen $python $version has no venv: apt-get install python$version-venv (or python3-venv);"
done
echo "make: no usable Python." >&2
echo "      Suian needs Python 3.11, 3.12 or 3.13 with venv: apt-get install python3 python3-venv" >&2
[ -z "$seen" ] || echo "     $seen" >&2
exit 1
