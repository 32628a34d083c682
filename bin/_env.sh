# Sourced by the scripts of this folder. Sets $root and makes sure that .venv holds what requirements.txt asks for,
# or, where the script says needs=dev first, requirements-dev.txt. Costs nothing when nothing changed.

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
needs=${needs:-run}
venv=$root/.venv
export PATH="$venv/bin:$PATH" VIRTUAL_ENV="$venv"
unset PYTHONHOME

read_by_setup() {
    cat "$root"/requirements*.txt "$root/constraints.txt" "$root/pyproject.toml" "$root/setup.cfg" \
        "$root"/plugins/*/setup.cfg "$root"/themes/*/setup.cfg "$root/package-lock.json" \
        "$root/bin/_assets.py" "$root/core/billhook/static/icons.txt" 2>/dev/null
}
stamp="$root $(read_by_setup | cksum)"

if [ "$(cat "$venv/.ready-$needs" 2>/dev/null)" != "$stamp" ]; then
    sh "$root/bin/_install" "$root" "$needs" "$stamp" >&2 || exit 1
fi
