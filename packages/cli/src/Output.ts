/** A table in plain text: columns as wide as their widest cell, long cells cut where somebody reads it. */
export const table = (
  header: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): string => {
  const cells = [header, ...rows].map((row) => row.map(cut))
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => [...(row[column] ?? "")].length)),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const cellLengthMax = 72

/** Control characters of an event must not reach the terminal. */
const cut = (text: string): string => {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\uFFFD")
  const isCut = process.stdout.isTTY && plain.length > cellLengthMax
  return isCut ? `${plain.slice(0, cellLengthMax - 1)}…` : plain
}

const barLength = 30

/** A progress bar as one line, to be drawn over itself. */
export const bar = (done: number, all: number, startedAt: number, now: number): string => {
  const share = all === 0 ? 1 : Math.min(1, done / all)
  const filled = Math.round(share * barLength)
  const seconds = Math.max(0.001, (now - startedAt) / 1000)
  const rate = Math.round(done / seconds)
  const left = rate === 0 ? "?" : `${Math.ceil((all - done) / rate)} s left`
  return `[${"#".repeat(filled)}${".".repeat(barLength - filled)}] ${Math.round(share * 100)} %  ${rate}/s  ${left}`
}

/** Draws a line over the last one, where somebody watches. */
export const draw = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

/** Ends the line that was drawn. */
export const drawn = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\n")
}
