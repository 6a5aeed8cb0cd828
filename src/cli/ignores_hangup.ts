/**
 * Finds out whether this program was started by `nohup`, which Deno cannot tell.
 *
 * @module
 */

const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.B.dylib",
};
const SIGHUP = 1, SIG_IGN = 1n;

/**
 * Tells whether SIGHUP was ignored when this process began. Listening to it would undo that. Without
 * permission for native code, and where the C library has another name, the answer is no.
 */
export function ignoresHangup(): boolean {
  const name = LIBRARIES[Deno.build.os], ffi = { name: "ffi" } as const;
  if (name === undefined || Deno.permissions.querySync(ffi).state !== "granted") return false;
  try {
    const library = Deno.dlopen(name, {
      sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
    });
    // The handler is the first word of the structure, which has 152 bytes or fewer.
    const before = new BigUint64Array(32);
    const known = library.symbols.sigaction(SIGHUP, null, before) === 0;
    library.close();
    return known && before[0] === SIG_IGN;
  } catch {
    return false;
  }
}
