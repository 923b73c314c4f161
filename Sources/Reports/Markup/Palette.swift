import Foundation

/// The colours of every report, by name: one list for light and one for dark screens.
enum Palette {
  /// A list.
  enum Scheme {
    case light, dark
  }

  /// Text on the background has a contrast of 4.5 and more, marks one of 3 and more.
  static let colours: [(name: String, light: String, dark: String)] = [
    ("bg", "#ffffff", "#10151b"), ("card", "#f5f7fa", "#19212a"), ("ink", "#1a2028", "#e6ebf1"), ("muted", "#525c68", "#a4b0bd"),
    ("rule", "#d3d9e0", "#364250"), ("grid", "#e4e8ed", "#26303b"), ("proved", "#1460aa", "#68b1fa"), ("unproved", "#8a5200", "#e9b44c"),
    ("attained", "#b3261e", "#ff9389"), ("lower", "#0b7a66", "#4fd1b5"), ("band", "#1460aa26", "#68b1fa30"), ("code", "#eceff3", "#232d38"),
    ("violet", "#7a3fb0", "#c79bf2"), ("idle", "#b9c1cb", "#4b5866"),
    // Text on cells of heat maps that are neither light nor dark.
    ("half", "#1a2028", "#10151b"),
  ]

  /// The declarations of all colours as custom properties.
  static func declarations(_ scheme: Scheme) -> String {
    colours.map { "--\($0.name): \(scheme == .light ? $0.light : $0.dark);" }.joined(separator: " ")
  }

  /// Declarations with the colours themselves in the place of their names.
  static func resolved(_ declarations: String, _ scheme: Scheme) -> String {
    colours.reduce(declarations) {
      $0.replacingOccurrences(of: "var(--\($1.name))", with: scheme == .light ? $1.light : $1.dark)
    }
  }
}
