import * as Modules from "./Modules.ts"
import type * as Tree from "./Tree.ts"

/** No module needs itself through others; a type import counts like any other. */
export const modules: Tree.Rule = (tree) =>
  circles(graphOf(Modules.edges(tree))).map(
    (circle) =>
      `${written(circle)}: a circle of imports. Move what both sides need into a module of its own.`,
  )

/**
 * The modules and rooms of one folder depend on each other one way, so that a reader can open them
 * in an order in which each needs only earlier ones.
 */
export const rooms: Tree.Rule = (tree) => {
  const imports = Modules.edges(tree).filter(
    ({ from, to }) => isProduct.test(from) && isProduct.test(to) && from !== to,
  )
  const steps = Map.groupBy(imports, (edge) => stepOf(siblings(edge)))
  return circles(graphOf(imports.map(siblings)))
    .filter((circle) => circle.some((place) => !isModule.test(place)))
    .map((circle) => {
      const reasons = circle.map((from, index) => {
        const to = circle[(index + 1) % circle.length] ?? from
        return reasonOf(steps.get(stepOf({ from, to })) ?? [], folderOf(circle))
      })
      return (
        `${written(circle)}: a circle of rooms, because ${reasons.join("; ")}. ` +
        "Move what both sides need into the room that the other may import."
      )
    })
}

/** A dependency of one module on another, or of one folder entry on another. */
interface Step {
  readonly from: string
  readonly to: string
}

const stepOf = ({ from, to }: Step): string => `${from} ${to}`

/**
 * The first import of a step and the number of the others: the side with fewer imports is easier to
 * turn.
 */
const reasonOf = (imports: ReadonlyArray<Step>, folder: string): string => {
  const [from, to] = [imports[0]?.from ?? "", imports[0]?.to ?? ""]
  const more = imports.length > 1 ? ` (and ${imports.length - 1} more)` : ""
  return `${from.slice(folder.length)} imports ${to.slice(folder.length)}${more}`
}

const isProduct = /^packages\/[^/]+\/src\//
const isModule = /\.\w+$/

/** The two entries of the deepest common folder that hold the two modules. */
const siblings = ({ from, to }: Step): Step => {
  const [a, b] = [from.split("/"), to.split("/")]
  const apart = a.findIndex((name, index) => name !== b[index]) + 1
  return { from: a.slice(0, apart).join("/"), to: b.slice(0, apart).join("/") }
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>
type Circle = ReadonlyArray<string>

/** The folder that holds a whole circle. */
const folderOf = (circle: Circle): string => {
  const first = circle[0]?.split("/").slice(0, -1) ?? []
  const depths = first.map((_, index) => first.slice(0, first.length - index).join("/") + "/")
  return depths.find((folder) => circle.every((place) => place.startsWith(folder))) ?? ""
}

const written = (circle: Circle): string => {
  const folder = folderOf(circle)
  const way = [...circle, circle[0]].map((place) => place?.slice(folder.length))
  return `${folder}: ${way.join(" → ")}`
}

const graphOf = (steps: ReadonlyArray<Step>): Graph => {
  const graph = new Map<string, Set<string>>()
  for (const { from, to } of steps) {
    const next = graph.get(from) ?? new Set()
    graph.set(from, next.add(to))
  }
  return graph
}

/**
 * The shortest circle through each node that lies on one, reported once and starting at its first
 * name. Without circles this takes time linear in the edges; only knots are searched further.
 */
const circles = (graph: Graph): ReadonlyArray<Circle> => {
  const found = knots(graph)
    .flatMap((knot) => [...knot].flatMap((node) => shortest(graph, knot, node)))
    .map((circle): readonly [string, Circle] => [written(circle), circle])
  return [...new Map(found).values()].toSorted((a, b) => (written(a) < written(b) ? -1 : 1))
}

/** The sets of nodes that all reach each other, by Tarjan's algorithm. */
const knots = (graph: Graph): ReadonlyArray<ReadonlySet<string>> => {
  const found: Array<ReadonlySet<string>> = []
  const order = new Map<string, number>()
  const open: Array<string> = []
  const isOpen = new Set<string>()
  /** Returns the earliest open node that this node reaches. */
  const visit = (node: string): number => {
    const own = order.size
    order.set(node, own)
    open.push(node)
    isOpen.add(node)
    let earliest = own
    for (const next of graph.get(node) ?? []) {
      const known = order.get(next)
      if (known === undefined) earliest = Math.min(earliest, visit(next))
      else if (isOpen.has(next)) earliest = Math.min(earliest, known)
    }
    if (earliest === own) {
      const knot = open.splice(open.lastIndexOf(node))
      for (const member of knot) isOpen.delete(member)
      found.push(new Set(knot))
    }
    return earliest
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return found
}

/** The shortest path within a knot from a node back to itself, starting at its first name. */
const shortest = (
  graph: Graph,
  knot: ReadonlySet<string>,
  start: string,
): ReadonlyArray<Circle> => {
  const cameFrom = new Map<string, string>()
  const reached = new Set([start])
  for (const node of reached) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) return [rotated(wayTo(node, cameFrom))]
      if (!knot.has(next) || reached.has(next)) continue
      reached.add(next)
      cameFrom.set(next, node)
    }
  }
  return []
}

const wayTo = (end: string, cameFrom: ReadonlyMap<string, string>): Circle => {
  const way = [end]
  for (let at = cameFrom.get(end); at !== undefined; at = cameFrom.get(at)) way.unshift(at)
  return way
}

const rotated = (circle: Circle): Circle => {
  const first = circle.indexOf(circle.toSorted()[0] ?? "")
  return [...circle.slice(first), ...circle.slice(0, first)]
}
