/**
 * Defines how main and workers speak: main calls, a worker answers, and may send parts of its
 * answer before. Which calls there are is not known here.
 *
 * @module
 */
import { type PlainError, toPlainError } from "../base/errors.ts";
import { WakeUps } from "./wake_ups.ts";
import { live } from "./worker_life.ts";

/** A call that a worker answers. The types are those of the question, the answer and its parts. */
export interface Call<Ask, Answer, Part = never> {
  readonly name: string;
  /** Never set: it only carries the types. */
  readonly types?: (ask: Ask) => [Answer, Part];
}

/** A message from main to a worker. */
export type ToWorker =
  | { id: number; name: string; ask: unknown }
  /** Asks to stop what is running, and to close what is open. */
  | { close: true };

/** A message from a worker to main. */
export type FromWorker =
  /** Says that the worker lives and holds its lock, so that main can notice its death. */
  | { living: true }
  | { id: number; part: unknown }
  | { id: number; answer: unknown }
  | { id: number; failed: PlainError }
  | { closed: true };

/** A function that sends a part of an answer; what is in `transfer` is no longer the sender's. */
export type SendPart<Part> = (part: Part, transfer?: Transferable[]) => void;

/** A call's name, and the function that answers it. */
export interface Handler {
  name: string;
  handle: (ask: unknown, send: SendPart<unknown>) => unknown;
}

/** Binds a call to the function that answers it. */
export function on<Ask, Answer, Part>(
  { name }: Call<Ask, Answer, Part>,
  handle: (ask: Ask, send: SendPart<Part>) => Answer | Promise<Answer>,
): Handler {
  return { name, handle: handle as Handler["handle"] };
}

/**
 * Makes this thread a worker of a pool.
 *
 * @param handlers The calls that it answers.
 * @param close Stops what is running and closes what is open.
 */
export function serve(handlers: readonly Handler[], close: () => Promise<void>): void {
  new WakeUps();
  const byName = new Map(handlers.map(({ name, handle }) => [name, handle]));
  const send = (message: FromWorker, transfer: Transferable[] = []) =>
    self.postMessage(message, { transfer });
  const answer = async ({ id, name, ask }: Extract<ToWorker, { id: number }>) => {
    const sendPart: SendPart<unknown> = (part, transfer) => send({ id, part }, transfer);
    try {
      send({ id, answer: await byName.get(name)!(ask, sendPart) });
    } catch (error) {
      send({ id, failed: toPlainError(error) });
    }
  };
  self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if ("id" in data) answer(data);
    else close().finally(() => send({ closed: true }));
  };
  live(self.name).then(() => send({ living: true }));
}
