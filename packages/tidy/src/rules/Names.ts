import { type ParseResult, type Program, Visitor } from "oxc-parser"
import { type File, lineAt } from "./Tree.ts"

/** Stands for all exports of a module. */
export const everything = "*"

export interface Export {
  readonly name: string
  readonly line: number
  /** True for a type, and for a class, which is a type too. */
  readonly isType: boolean
  /** The file mentions it outside its declaration. */
  readonly isUsedHere: boolean
}

/** A mention of a name, and the member that is taken of it. */
interface Mention {
  readonly name: string
  readonly place: number
  readonly member: string | undefined
}

export interface Names {
  readonly exports: ReadonlyArray<Export>
  /** The members that are taken of a name, or `everything` where the name stands alone. */
  readonly membersOf: (name: string) => ReadonlyArray<string>
  /** The string literals in the code. */
  readonly texts: ReadonlySet<string>
}

/** The exports of a file, and the exports of other modules that it uses. */
export const of = (file: File, { module, program }: ParseResult): Names => {
  const { mentions, texts } = mentioned(program)
  const declarations = declarationsOf(program)
  const byName = Map.groupBy(mentions, ({ name }) => name)
  const exports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ exportName, localName, isType, start }): ReadonlyArray<Export> => {
      if (exportName.kind === "None") return []
      const own = declarations.filter(({ name }) => name === localName.name)
      const isOwn = ({ place }: Mention) =>
        own.some(({ start, end }) => start <= place && place < end)
      const isUsedHere = (byName.get(localName.name ?? "") ?? []).some((one) => !isOwn(one))
      const name = exportName.name ?? "default"
      const line = lineAt(file.text, own[0]?.start ?? start)
      return [{ name, line, isUsedHere, isType: isType || own.some((one) => one.isType) }]
    })
  return {
    exports: [...new Map(exports.toReversed().map((one) => [one.name, one])).values()].toReversed(),
    membersOf: (name) => (byName.get(name) ?? []).map(({ member }) => member ?? everything),
    texts,
  }
}

interface Place {
  readonly start: number
}

/** The names that a file mentions; a member, a key and a specifier's own names do not count. */
const mentioned = (program: Program) => {
  const mentions: Array<Mention> = []
  const texts = new Set<string>()
  const members = new Map<number, string>()
  const words = new Set<number>()
  const word = ({ start }: Place) => void words.add(start)
  const key = (node: { readonly computed: boolean; readonly key: Place }) => {
    if (!node.computed) word(node.key)
  }
  const taken = (
    of: Place & { readonly type: string },
    member: Place & { readonly name: string },
  ) => {
    if (of.type.endsWith("Identifier")) members.set(of.start, member.name)
    word(member)
  }
  new Visitor({
    // The visitor reaches a node before the node's parts.
    MemberExpression: ({ computed, object, property }) => {
      if (!computed && property.type === "Identifier") taken(object, property)
    },
    TSQualifiedName: ({ left, right }) => taken(left, right),
    JSXMemberExpression: ({ object, property }) => taken(object, property),
    Property: (node) => {
      if (!node.shorthand) key(node)
    },
    MethodDefinition: key,
    PropertyDefinition: key,
    TSPropertySignature: key,
    TSMethodSignature: key,
    ImportSpecifier: ({ imported, local }) => [imported, local].forEach(word),
    ImportDefaultSpecifier: ({ local }) => word(local),
    ImportNamespaceSpecifier: ({ local }) => word(local),
    ExportSpecifier: ({ local, exported }) => [local, exported].forEach(word),
    Identifier: ({ name, start }) => {
      if (!words.has(start)) mentions.push({ name, place: start, member: members.get(start) })
    },
    JSXIdentifier: ({ name, start }) =>
      void mentions.push({ name, place: start, member: members.get(start) }),
    Literal: ({ value }) => {
      if (typeof value === "string") texts.add(value)
    },
  }).visit(program)
  return { mentions, texts }
}

interface Declaration {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly isType: boolean
}

const declarationsOf = ({ body }: Program): ReadonlyArray<Declaration> =>
  body.flatMap((statement): ReadonlyArray<Declaration> => {
    const isExport =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
    const declared = (isExport ? statement.declaration : undefined) ?? statement
    switch (declared.type) {
      case "VariableDeclaration":
        return declared.declarations.flatMap(({ id, start, end }) =>
          id.type === "Identifier" ? [{ name: id.name, start, end, isType: false }] : [],
        )
      case "FunctionDeclaration":
      case "ClassDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration": {
        const { id, start, end, type } = declared
        return [{ name: id?.name ?? "", start, end, isType: type !== "FunctionDeclaration" }]
      }
      default:
        return []
    }
  })
