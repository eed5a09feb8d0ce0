import { Cause, Option } from "effect"
import { AsyncResult } from "effect/reactivity"
import { type ReactNode, useEffect, useState } from "react"

const pause = 150

/** Grey shapes where something will be; not at once, so that nothing flickers. */
const Bones = () => {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), pause)
    return () => clearTimeout(timer)
  }, [])
  if (!isShown) return null
  return (
    <div className="pad col" aria-busy="true">
      <div className="bone w30" />
      <div className="bone w80" />
      <div className="bone w60" />
      <span className="sr" role="status">
        Asking the server
      </span>
    </div>
  )
}

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return typeof error === "object" && error !== null && "message" in error
    ? `${error.message}`
    : "The page has a defect here. Its address shows it again."
}

interface Props<A> {
  readonly result: AsyncResult.AsyncResult<A, unknown>
  readonly children: (value: A) => ReactNode
}

/** What an answer is shown as: before it is there, when it is, and when there is none. */
export const Answered = <A,>({ result, children }: Props<A>) => {
  const value = AsyncResult.value(result)
  if (Option.isSome(value)) return children(value.value)
  if (AsyncResult.isFailure(result)) {
    return (
      <div className="pad">
        <div className="note apart" role="alert">
          <p>{messageOf(result.cause)}</p>
        </div>
      </div>
    )
  }
  return <Bones />
}
