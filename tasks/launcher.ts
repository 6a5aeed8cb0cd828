/**
 * Writes the launcher of the installed command. `deno install --global` would write one with one
 * set of flags; this one gives each sub-command its own.
 *
 * @module
 */
import { OTHER_FLAGS, RUN_FLAGS } from "../src/cli/permissions.ts";

/** The second line of every launcher, by which it is known as ours. */
export const MARK = "# The launcher of matrix2vcf";

/** What a launcher starts. */
export interface Launched {
  /** The folder of the program. */
  program: string;
  /** The executable of Deno. */
  deno: string;
  version: string;
}

/**
 * Returns a launcher for POSIX shells. What Deno caches goes into the folder of the program, so that
 * nothing is left elsewhere. The folder of `deno` comes first on the PATH for `profile`, which
 * starts `deno` by its name.
 */
export function launcherText({ program, deno, version }: Launched): string {
  const cases = Object.entries(RUN_FLAGS).map(([name, flags]) =>
    `  ${name}) flags='${flags.join(" ")}' ;;`
  );
  return `#!/bin/sh
${MARK} ${version}: made by deno task install, removed by deno task uninstall.
program=${quoted(program)}
deno=${quoted(deno)}
if [ ! -x "$deno" ]; then
  echo "error: $deno is gone, which matrix2vcf ran on; run deno task install again" >&2
  exit 1
fi
case "\${1-}" in
${cases.join("\n")}
  *) flags='${OTHER_FLAGS.join(" ")}' ;;
esac
export DENO_DIR="$program/cache" DENO_NO_UPDATE_CHECK=1 PATH="\${deno%/*}:$PATH"
unset IFS
# What Deno itself caches may pass a small ulimit -f, too, which shall not end the program.
trap '' XFSZ 2>/dev/null
exec "$deno" run $flags "$program/src/main.ts" "$@"
`;
}

/** Returns a text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
