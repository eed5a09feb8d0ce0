import { type Expression, type ParseResult, parseSync, type ValueSpan, Visitor } from "oxc-parser"
import * as Names from "./Names.ts"
import { type File, lineAt } from "./Tree.ts"

export interface Import {
  readonly specifier: string
  readonly line: number
  /** True for an import on demand: the code can report a missing module. */
  readonly isOnDemand: boolean
  /** The exports that it imports, by their names in the module. */
  readonly names: ReadonlyArray<string>
}

/** A function with its length, named after the constant or member that holds it. */
export interface Named {
  readonly name: string
  readonly line: number
  readonly lines: number
}

/** An `any`, or an assertion: `to` is the type, `within` are the functions around it. */
export interface Doubt {
  readonly to: string
  readonly line: number
  readonly within: ReadonlyArray<string>
}

export interface Syntax {
  readonly imports: ReadonlyArray<Import>
  readonly functions: ReadonlyArray<Named>
  readonly doubts: ReadonlyArray<Doubt>
  readonly codeLines: number
  readonly exports: ReadonlyArray<Names.Export>
  /** The string literals in the code. */
  readonly texts: ReadonlySet<string>
}

const parsed = new WeakMap<File, Syntax>()

/** The facts about a file that the rules need; a file is parsed once. */
export const of = (file: File): Syntax => {
  const known = parsed.get(file)
  if (known !== undefined) return known
  const result = parseSync(file.path, file.text)
  const error = result.errors.find(({ severity }) => severity === "Error")
  if (error !== undefined) throw new Error(`${file.path} cannot be parsed: ${error.message}`)
  const names = Names.of(file, result)
  const syntax: Syntax = {
    imports: importsOf(file, result, names),
    exports: names.exports,
    texts: names.texts,
    codeLines: codeLinesOf(file, result),
    ...walk(file, result),
  }
  parsed.set(file, syntax)
  return syntax
}

/** True for what finds modules from this file: import.meta, and what createRequire makes of its URL. */
const isResolver = (object: Expression): boolean => {
  if (object.type === "MetaProperty") return true
  if (object.type !== "CallExpression" || object.callee.type !== "Identifier") return false
  const [from] = object.arguments
  const isHere = from?.type === "MemberExpression" && from.object.type === "MetaProperty"
  return object.callee.name === "createRequire" && isHere
}

const importsOf = (
  { text }: File,
  { module, program }: ParseResult,
  { membersOf }: Names.Names,
): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  const add = (
    { value, start }: ValueSpan,
    names: ReadonlyArray<string> = [Names.everything],
    isOnDemand = false,
  ) => void found.push({ specifier: value, line: lineAt(text, start), isOnDemand, names })
  for (const { moduleRequest, entries } of module.staticImports) {
    const names = entries.flatMap(({ importName, localName }) =>
      importName.kind === "NamespaceObject"
        ? membersOf(localName.value)
        : [importName.name ?? "default"],
    )
    add(moduleRequest, [...new Set(names)])
  }
  for (const { entries } of module.staticExports) {
    const request = entries.find(({ moduleRequest }) => moduleRequest)?.moduleRequest
    const names = entries.map(({ importName }) => importName.name ?? Names.everything)
    if (request) add(request, names)
  }
  new Visitor({
    ImportExpression: ({ source, start, end }) => {
      if (source.type === "Literal" && typeof source.value === "string") {
        add({ value: source.value, start, end }, undefined, true)
      }
    },
    // A file that a resolver finds runs, in this process or in another, or is served.
    CallExpression: ({ callee, arguments: [found], start, end }) => {
      if (callee.type !== "MemberExpression" || !isResolver(callee.object)) return
      if (found?.type === "Literal" && typeof found.value === "string") {
        add({ value: found.value, start, end }, ["default"])
      }
    },
    TSImportType: ({ source, start, end }) => add({ value: source.value, start, end }),
  }).visit(program)
  return found
}

/** Comments become blank, with their line breaks, so that only code is left to count. */
const codeLinesOf = ({ text }: File, { comments }: ParseResult): number => {
  let code = text
  for (const { start, end } of comments) {
    const blank = text.slice(start, end).replace(/[^\n]/g, " ")
    code = code.slice(0, start) + blank + code.slice(end)
  }
  return code.split("\n").filter((line) => line.trim() !== "").length
}

interface Span {
  readonly start: number
  readonly end: number
}

const walk = ({ text }: File, { program }: ParseResult): Pick<Syntax, "functions" | "doubts"> => {
  const functions: Array<Named> = []
  const doubts: Array<Doubt> = []
  const names: Array<string> = []
  const within: Array<string> = []
  const textOf = ({ start, end }: Span) => text.slice(start, end)
  const leave = () => void names.pop()
  const enter = ({ start, end }: Span, own?: string) => {
    const name = own ?? names.at(-1) ?? "(anonymous)"
    const line = lineAt(text, start)
    within.push(name)
    functions.push({ name, line, lines: lineAt(text, end) - line + 1 })
  }
  const doubt = (to: string, { start }: Span) =>
    void doubts.push({ to, line: lineAt(text, start), within: [...within] })
  new Visitor({
    VariableDeclarator: ({ id }) => void names.push(id.type === "Identifier" ? id.name : ""),
    "VariableDeclarator:exit": leave,
    Property: ({ key }) => void names.push(textOf(key)),
    "Property:exit": leave,
    MethodDefinition: ({ key }) => void names.push(textOf(key)),
    "MethodDefinition:exit": leave,
    PropertyDefinition: ({ key }) => void names.push(textOf(key)),
    "PropertyDefinition:exit": leave,
    ArrowFunctionExpression: (node) => enter(node),
    "ArrowFunctionExpression:exit": () => void within.pop(),
    FunctionExpression: (node) => enter(node, node.id?.name),
    "FunctionExpression:exit": () => void within.pop(),
    FunctionDeclaration: (node) => enter(node, node.id?.name),
    "FunctionDeclaration:exit": () => void within.pop(),
    TSAnyKeyword: (node) => doubt("any", node),
    TSAsExpression: (node) => doubt(textOf(node.typeAnnotation), node),
    TSTypeAssertion: (node) => doubt(textOf(node.typeAnnotation), node),
  }).visit(program)
  return { functions, doubts }
}
