import type { WarningGroup } from "../data/Forms.ts"
import { dayOf, dayText } from "../words/Times.ts"

const days = 30
const msPerDay = 86_400_000

/** Warnings day by day, the last thirty days. */
export const Spark = ({
  sparkline,
  until,
}: {
  readonly sparkline: WarningGroup["sparkline"]
  readonly until: number
}) => {
  const counts = new Map(sparkline.map(({ day, count }) => [dayOf(Date.parse(day)), count]))
  const last = dayOf(until)
  const values = Array.from(
    { length: days },
    (_, index) => counts.get(last - days + 1 + index) ?? 0,
  )
  const most = Math.max(1, ...values)
  const told = values.flatMap((count, index) =>
    count === 0 ? [] : [`${dayText((last - days + 1 + index) * msPerDay)}: ${count}`],
  )
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${days * 4} 26`}
      role="img"
      aria-label={`By day. ${told.join(", ")}`}
    >
      {values.map((count, index) => {
        const tall = count === 0 ? 1 : Math.max(3, (count / most) * 24)
        return (
          <rect
            key={index}
            x={index * 4}
            y={26 - tall}
            width="3"
            height={tall}
            fill="currentColor"
          />
        )
      })}
    </svg>
  )
}
