import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { History } from "@onymous/timetravel/history/History"
import * as Story from "@onymous/timetravel/questions/story/Story"

const told = new WeakMap<History, Map<string, ReadonlyArray<Story.Happening>>>()

/** Every change of the person of an id, in order: those up to a moment are the first ones of these. */
export const wholeStory = (history: History, id: string): ReadonlyArray<Story.Happening> => {
  const known = told.get(history) ?? new Map<string, ReadonlyArray<Story.Happening>>()
  told.set(history, known)
  const story = known.get(id) ?? Story.story(history, DistinctId(id))
  known.set(id, story)
  return story
}

/** The changes up to a moment. */
export const storyUntil = (
  history: History,
  id: string,
  at: number,
): ReadonlyArray<Story.Happening> =>
  wholeStory(history, id).filter(({ position }) => position <= at)
