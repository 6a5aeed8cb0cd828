/**
 * What Deno and its `node:` modules do with files, gzip and locks.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createReadStream, type ReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, type Gunzip, gzipSync } from "node:zlib";
import { fact, pause, runCommand, runFlags, withFolder } from "./fact.ts";

fact("Deno gives the time of a file's last change (ctime) in whole seconds", {
  reliedOnBy: "the state of an input, which takes a change within two seconds of now for unproved",
  only: "linux",
  check: () =>
    withFolder(async (folder) => {
      const parts: { ctime: number; node: number; mtime: number }[] = [];
      for (let n = 0; n < 4; n++) {
        const file = `${folder}/${n}`;
        await Deno.writeTextFile(file, "x");
        const { ctime, mtime } = await Deno.stat(file);
        const milliseconds = (time: Date | null) => time!.getTime() % 1000;
        parts.push({
          ctime: milliseconds(ctime),
          node: statSync(file).ctimeMs % 1000,
          mtime: milliseconds(mtime),
        });
        await pause(3);
      }
      assert.ok(parts.some(({ mtime }) => mtime !== 0), "mtime has milliseconds");
      assert.deepEqual(parts.map(({ ctime, node }) => [ctime, node]), Array(4).fill([0, 0]));
    }),
});

fact("Deno.linkSync fails with AlreadyExists where the name is taken, and leaves what is there", {
  reliedOnBy: "the naming of a kept table, of which one of two runs must hear that it came second",
  check: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/mine`, "mine");
      await Deno.writeTextFile(`${folder}/taken`, "theirs");
      assert.throws(
        () => Deno.linkSync(`${folder}/mine`, `${folder}/taken`),
        Deno.errors.AlreadyExists,
      );
      assert.equal(await Deno.readTextFile(`${folder}/taken`), "theirs");
    }),
});

fact("Deno.renameSync replaces a file that is there without a word", {
  reliedOnBy: "the publication of outputs, which must look for another run's files itself",
  check: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/mine`, "mine");
      await Deno.writeTextFile(`${folder}/taken`, "theirs");
      Deno.renameSync(`${folder}/mine`, `${folder}/taken`);
      assert.equal(await Deno.readTextFile(`${folder}/taken`), "mine");
    }),
});

fact("a folder can be opened and locked, and its lock goes when its process is killed", {
  reliedOnBy: "the publication of outputs, which locks folders, and leaves no lock file behind",
  only: "linux",
  check: () =>
    withFolder(async (folder) => {
      const code = `Deno.openSync(Deno.args[0]).lockSync(true);
console.log("locked");
setInterval(() => {}, 1000);`;
      await Deno.writeTextFile(`${folder}/holder.ts`, code);
      const holder = new Deno.Command(Deno.execPath(), {
        args: [...runFlags(["--allow-read"]), `${folder}/holder.ts`, folder],
        stdin: "null",
        stdout: "piped",
      }).spawn();
      const said = holder.stdout.getReader();
      const { done } = await said.read();
      using opened = Deno.openSync(folder);
      const whileHeld = opened.tryLockSync(true);
      holder.kill("SIGKILL");
      await holder.status;
      await said.cancel();
      assert.equal(done, false, "the child locks the folder");
      assert.equal(whileHeld, false, "nobody else gets the lock meanwhile");
      assert.equal(opened.tryLockSync(true), true, "the lock is free again");
    }),
});

fact("two openings of one folder lock each other out in one process, too", {
  reliedOnBy: "the publication of outputs, which locks a folder once however many names it has",
  only: "linux",
  check: () =>
    withFolder((folder) => {
      using first = Deno.openSync(folder);
      using second = Deno.openSync(folder);
      assert.equal(first.tryLockSync(true), true);
      assert.equal(second.tryLockSync(true), false);
    }),
});

fact("Deno's errors of the file system carry the system's code", {
  reliedOnBy: "the messages about files that cannot be read, which go by ENOENT and EISDIR",
  only: "linux",
  check: () =>
    withFolder((folder) => {
      assert.throws(() => Deno.openSync(`${folder}/none`), { code: "ENOENT", name: "NotFound" });
      using opened = Deno.openSync(folder);
      assert.throws(() => opened.readSync(new Uint8Array(1)), { code: "EISDIR" });
    }),
});

const WORDS = "one two three ", MEMBER = gzipSync(WORDS);

/** What gunzip makes of a gzip file that arrives in two pieces, the first of `cut` bytes. */
async function gunzipped(
  bytes: Uint8Array,
  cut = bytes.length >> 1,
): Promise<{ text: string; code: string | undefined; consumed: number }> {
  const gunzip = createGunzip();
  let text = "", code: string | undefined;
  gunzip.write(bytes.subarray(0, cut));
  gunzip.end(bytes.subarray(cut));
  try {
    for await (const piece of gunzip) text += piece;
  } catch (error) {
    code = (error as NodeJS.ErrnoException).code;
  }
  return { text, code, consumed: gunzip.bytesWritten };
}

fact("createGunzip of node:zlib reads all members of a gzip file", {
  reliedOnBy: "the reading of gzip and BGZF inputs",
  check: async () => {
    const bytes = Buffer.concat([MEMBER, MEMBER, MEMBER]);
    const { text, code, consumed } = await gunzipped(bytes);
    assert.deepEqual([text, code, consumed], [WORDS.repeat(3), undefined, bytes.length]);
  },
});

fact("createGunzip reports a gzip file that ends early as Z_BUF_ERROR", {
  reliedOnBy: "the message that a gzip input is truncated",
  check: async () => {
    for (const missing of [1, 9, MEMBER.length - 11]) {
      const bytes = Buffer.concat([MEMBER, MEMBER]).subarray(0, -missing);
      assert.equal((await gunzipped(bytes)).code, "Z_BUF_ERROR", `${missing} bytes are missing`);
    }
  },
});

fact("createGunzip reports what follows a member and is neither a member nor NUL", {
  reliedOnBy: "the check of a gzip input's tail, which looks no further than NUL bytes",
  check: async () => {
    const bytes = Buffer.concat([MEMBER, Buffer.from("garbage"), MEMBER]);
    assert.equal((await gunzipped(bytes)).code, "Z_DATA_ERROR");
  },
});

const PADDED = Buffer.concat([MEMBER, Buffer.alloc(4)]);

fact("createGunzip stops at a NUL after a member without an error, and loses what follows", {
  reliedOnBy: "the check of a gzip input's tail, which would not be needed",
  check: async () => {
    const bytes = Buffer.concat([PADDED, MEMBER]);
    for (let cut = 1; cut < PADDED.length; cut++) {
      const { text, code, consumed } = await gunzipped(bytes, cut);
      const expected = [WORDS, undefined, MEMBER.length];
      assert.deepEqual([text, code, consumed], expected, `first piece of ${cut} bytes`);
    }
  },
});

fact("createGunzip takes NUL bytes at the end of a file for padding", {
  reliedOnBy: "the reading of gzip inputs that a tape or a block device has padded",
  check: async () => {
    for (let cut = 1; cut < PADDED.length; cut++) {
      const { text, code } = await gunzipped(PADDED, cut);
      assert.deepEqual([text, code], [WORDS, undefined], `first piece of ${cut} bytes`);
    }
  },
});

fact("createGunzip's bytesWritten is the end of the last member, not of the file", {
  reliedOnBy: "the check of a gzip input's tail, which begins there",
  check: async () => {
    const bytes = Buffer.concat([MEMBER, MEMBER, Buffer.alloc(100)]);
    assert.equal((await gunzipped(bytes)).consumed, 2 * MEMBER.length);
  },
});

fact("DecompressionStream fails on a gzip file of many members", {
  reliedOnBy: "the choice of node:zlib for gzip inputs",
  check: async () => {
    const bytes = new Uint8Array(Buffer.concat([MEMBER, MEMBER]));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    await assert.rejects(new Response(stream).text(), TypeError);
  },
});

/** The first error that a decompression hears of; undefined where it hears none for a while. */
async function heard(
  connect: (file: ReadStream, gunzip: Gunzip) => void,
): Promise<string | undefined> {
  return await withFolder(async (folder) => {
    const file = createReadStream(`${folder}/none.gz`), gunzip = createGunzip();
    let code: string | undefined;
    gunzip.on("error", (error: NodeJS.ErrnoException) => code = error.code);
    const failed = new Promise((resolve) => file.once("error", resolve));
    connect(file, gunzip);
    await failed;
    await pause(20);
    gunzip.destroy();
    return code;
  });
}

fact("a bare pipe() does not hand on the error of a file, so that its reader waits for ever", {
  reliedOnBy: "the reading of gzip inputs, which uses pipeline() instead",
  check: async () => {
    assert.equal(await heard((file, gunzip) => void file.pipe(gunzip)), undefined);
  },
});

fact("pipeline() hands on the error of a file to the decompression", {
  reliedOnBy: "the message about a gzip input that cannot be opened or read",
  check: async () => {
    assert.equal(await heard((file, gunzip) => void pipeline(file, gunzip, () => {})), "ENOENT");
  },
});

/** Opens its arguments for reading, and says how that went. */
const OPENS = `for (const path of Deno.args) {
  try {
    using file = Deno.openSync(path);
    console.log(file.readSync(new Uint8Array(9)));
  } catch (error) {
    console.log(error.name);
  }
}`;

for (
  const { what, paths, said } of [
    {
      what: "/dev/stdin and /dev/fd/0 need all permissions to open",
      paths: "/dev/stdin /dev/fd/0",
    },
    {
      what: "the pipe of <(...) needs no more than --allow-read to open",
      paths: "<(echo x)",
      said: "2",
    },
  ]
) {
  fact(what, {
    reliedOnBy: "the reading of `-` through Deno.stdin, and of pipes by their path",
    only: "linux",
    check: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/opens.ts`, OPENS);
        const command = [Deno.execPath(), ...runFlags(["--allow-read"]), `${folder}/opens.ts`];
        const quoted = command.map((word) => `'${word}'`).join(" ");
        const { stdout } = await runCommand("bash", ["-c", `echo x | ${quoted} ${paths}`]);
        assert.equal(stdout, said ?? "NotCapable\nNotCapable");
      }),
  });
}
