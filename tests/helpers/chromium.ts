/**
 * Debian's Chromium without a window, which opens pages for tests with the network off, and is asked
 * by its protocol for developers what they look like.
 *
 * @module
 */
import { hasTool, missingNote } from "./tools.ts";

/** True where there is no Chromium; a test that needs it is ignored then. */
export const noChromium: boolean = !hasTool("chromium");
/** Ends the name of a test that needs Chromium. */
export const chromiumNote: string = missingNote("chromium");

/** Milliseconds that an answer may take. */
const PATIENCE = 60_000;

interface Message {
  id?: number;
  method?: string;
  // deno-lint-ignore no-explicit-any
  params?: any;
  // deno-lint-ignore no-explicit-any
  result?: any;
  error?: { message: string };
}

/** A page in a browser of its own. */
export class Browser implements AsyncDisposable {
  /** What the page said on its console as an error, what it threw, and what it asked the network for. */
  readonly complaints: string[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  readonly #events = new Map<string, () => void>();
  #last = 0;
  #session = "";

  private constructor(
    private readonly child: Deno.ChildProcess,
    private readonly socket: WebSocket,
    private readonly folder: string,
  ) {
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
  }

  /** Starts a browser that reaches no network. */
  static async start(): Promise<Browser> {
    const folder = await Deno.makeTempDir();
    const child = new Deno.Command("chromium", {
      args: [
        ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        ...["--no-first-run", "--disable-background-networking", "--disable-extensions"],
        "--host-resolver-rules=MAP * ~NOTFOUND",
        ...["--hide-scrollbars", "--remote-debugging-port=0", `--user-data-dir=${folder}`],
        "about:blank",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const socket = new WebSocket(await addressOf(child));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("Chromium does not answer"));
    });
    const browser = new Browser(child, socket, folder);
    await browser.#attach();
    return browser;
  }

  async #attach(): Promise<void> {
    const { targetInfos } = (await this.call("Target.getTargets")).result;
    const { targetId } = targetInfos.find(({ type }: { type: string }) => type === "page");
    const attached = await this.call("Target.attachToTarget", { targetId, flatten: true });
    this.#session = attached.result.sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.call(`${domain}.enable`);
    await this.call("Network.emulateNetworkConditions", {
      offline: true,
      latency: 0,
      downloadThroughput: 0,
      uploadThroughput: 0,
    });
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve({ result });
      return;
    }
    if (method === "Runtime.exceptionThrown") {
      const { text, exception } = params.exceptionDetails;
      this.complaints.push(`${text} ${exception?.description ?? ""}`);
    } else if (method === "Log.entryAdded" && params.entry.level === "error") {
      this.complaints.push(params.entry.text);
    } else if (method === "Runtime.consoleAPICalled" && /error|warn|assert/.test(params.type)) {
      this.complaints.push(params.args.map((arg: { value: unknown }) => arg.value).join(" "));
    } else if (method === "Page.javascriptDialogOpening") {
      this.complaints.push(`a dialog: ${params.message}`);
      this.call("Page.handleJavaScriptDialog", { accept: true });
    } else if (
      method === "Network.requestWillBeSent" && !/^(file|data):/.test(params.request.url)
    ) {
      this.complaints.push(`a request: ${params.request.url}`);
    }
    this.#events.get(method!)?.();
  }

  /** Calls a method of the protocol. */
  async call(method: string, params: unknown = {}): Promise<Message> {
    const id = ++this.#last, waiting = Promise.withResolvers<Message>();
    this.#waiting.set(id, waiting);
    const session = this.#session === "" ? {} : { sessionId: this.#session };
    this.socket.send(JSON.stringify({ id, method, params, ...session }));
    const late = setTimeout(() => waiting.reject(new Error(`${method} took too long`)), PATIENCE);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(late);
    }
  }

  /** Opens a file, and waits until it is loaded. */
  async open(path: string): Promise<void> {
    this.complaints.length = 0;
    const loaded = new Promise<void>((resolve) => {
      this.#events.set("Page.loadEventFired", resolve);
    });
    await this.call("Page.navigate", { url: new URL(`file://${path}`).href });
    await loaded;
  }

  /** Returns the value of an expression in the page. */
  async ask<Value>(expression: string): Promise<Value> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result } = await this.call("Runtime.evaluate", asked);
    if (result.exceptionDetails) throw new Error(result.exceptionDetails.exception.description);
    return result.result.value;
  }

  /** Shows the page as a reader with this choice of colours has it, on a screen or on paper. */
  async show(scheme: "light" | "dark", media: "screen" | "print", width = 1080, height = 900) {
    await this.call("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    const size = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.call("Emulation.setDeviceMetricsOverride", size);
  }

  /** Returns a picture of a part of the page as PNG. */
  async picture(clip: { x: number; y: number; width: number; height: number; scale: number }) {
    const shot = { format: "png", captureBeyondViewport: true, clip };
    const { result } = await this.call("Page.captureScreenshot", shot);
    return Uint8Array.fromBase64(result.data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session = "";
    await this.call("Browser.close").catch(() => {});
    this.socket.close();
    try {
      this.child.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await this.child.status;
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}

/** Returns where a browser listens, which it prints on standard error. */
async function addressOf(child: Deno.ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  const reader = child.stderr.getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Chromium ended: ${text.slice(-500)}`);
    text += decoder.decode(value, { stream: true });
    const [, address] = /DevTools listening on (\S+)/.exec(text) ?? [];
    if (address === undefined) continue;
    // It would stop once nobody reads what it says.
    (async () => {
      while (!(await reader.read()).done);
    })();
    return address;
  }
}
