import { posix } from "node:path"
import * as Tree from "./Tree.ts"

const roomModulesMax = 12

/** A room holds few enough modules to take in at a glance; migrations are read one by one. */
export const smallRooms: Tree.Rule = (tree) => {
  const rooms = Map.groupBy(Tree.productSources(tree), ({ path }) => posix.dirname(path))
  return [...rooms]
    .filter(([room, modules]) => !room.endsWith("/migrations") && modules.length > roomModulesMax)
    .map(
      ([room, modules]) =>
        `${room} has ${modules.length} modules, more than ${roomModulesMax}: ` +
        "split by concept into folders.",
    )
}

const isCalledByRole = /^(?:main\.ts|index\..*)$/

/** A file's name occurs once in the repository, so that the name alone finds it. */
export const uniqueNames: Tree.Rule = (tree) => {
  const named = Map.groupBy(Tree.sources(tree), ({ path }) => posix.basename(path))
  return [...named]
    .filter(([name, files]) => !isCalledByRole.test(name) && files.length > 1)
    .map(([, files]) => {
      const paths = files.map(({ path }) => path).join(" and ")
      return `${paths} have one name: name each after what it holds.`
    })
}
