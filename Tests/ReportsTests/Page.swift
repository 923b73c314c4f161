import Foundation
import FoundationXML
import Testing

/// An element of a parsed page.
final class PageElement {
  let name: String
  let attributes: [String: String]
  var children: [PageElement] = []
  var text = ""

  init(name: String, attributes: [String: String]) {
    self.name = name
    self.attributes = attributes
  }

  /// This element and everything in it.
  var all: [PageElement] { [self] + children.flatMap(\.all) }
}

/// A page read by an XML parser, which forgives nothing.
final class Page: NSObject, XMLParserDelegate {
  private(set) var root: PageElement?
  private(set) var problem: String?
  private var stack: [PageElement] = []

  init(_ html: String) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.shouldResolveExternalEntities = false
    parser.delegate = self
    if !parser.parse() { problem = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "unknown")" }
  }

  /// Expects well-formed XML with unique ids and without elements that load or run something.
  ///
  /// - Parameter allowed: such elements that may be there.
  func expectSelfContained(_ name: String, allowing allowed: Set<String> = []) {
    #expect(problem == nil, "\(name): \(problem ?? "")")
    let elements = root?.all ?? []
    let ids = elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, "\(name)")
    let loading: Set = ["script", "link", "iframe", "object", "a", "use", "image", "img"]
    for element in elements { #expect(!loading.subtracting(allowed).contains(element.name), "\(name): \(element.name)") }
  }

  /// The elements with a name.
  func elements(_ name: String) -> [PageElement] { root?.all.filter { $0.name == name } ?? [] }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
  ) {
    let element = PageElement(name: name, attributes: attributes)
    stack.last?.children.append(element)
    if stack.isEmpty { root = element }
    stack.append(element)
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) { stack.removeLast() }

  func parser(_ parser: XMLParser, foundCharacters string: String) { for element in stack { element.text += string } }
}
