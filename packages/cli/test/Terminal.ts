import { spawn } from "node:child_process"
import { once } from "node:events"
import { bin } from "./Serving.ts"

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/**
 * What a command shows on a terminal, from both of its outputs, with its exit code. A line drawn over another line
 * counts as a line of its own.
 */
export interface Screen {
  readonly code: number
  readonly text: string
  readonly lines: ReadonlyArray<string>
}

/** Runs a command on a terminal of `columns` columns; presses Ctrl-C once `interrupt` is true of the screen. */
export const onTerminal = async (
  columns: number,
  flags: ReadonlyArray<string>,
  interrupt: (text: string) => boolean = () => false,
): Promise<Screen> => {
  const words = [process.execPath, bin, ...flags].map(quoted).join(" ")
  const command = `stty cols ${columns} rows 50; exec ${words}`
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  let text = ""
  let isPressed = false
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk
    if (isPressed || !interrupt(text)) return
    isPressed = true
    child.stdin.write("\u0003")
  })
  const [code] = await once(child, "close")
  const lines = text
    .replaceAll("\u001B[K", "")
    .trimEnd()
    .split(/\r?\n|\r/)
  return { code: Number(code), text, lines }
}
