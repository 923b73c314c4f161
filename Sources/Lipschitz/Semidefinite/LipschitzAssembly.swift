import ConicPrograms
import LinearAlgebra

/// The entries of a ``LipschitzInequality``.
struct LipschitzAssembly {
  typealias Entry = LinearMatrixInequality.Entry

  /// F₀: the Gram matrix of the outputs' forms.
  private(set) var constant: [Entry]
  /// Fᵢ, one for each variable.
  private(set) var coefficients: [[Entry]]

  init(_ forms: IncrementForms, places: LipschitzPlaces) {
    let s = places.coordinateScales
    constant = Self.gram(forms.outputs.map { Self.scaled($0, s) }, weights: nil)
    coefficients = places.variables.map { _ in [] }
    for k in forms.inputs.indices {
      let variable = places.variables[0] == .squaredBound ? 0 : k
      coefficients[variable].append(Entry(block: 0, row: k, column: k, value: places.variableScales[variable] * s[k] * s[k]))
    }
    // The squares of pre-activations, 2λαβ p², of the units of each variable.
    var squares: [Int: (forms: [IncrementForms.Form], weights: [Double])] = [:]
    for (k, unit) in forms.units.enumerated() {
      let own = forms.inputs.count + k
      let variable = places.variableOfUnit[k]
      let lambda = places.variableScales[variable]
      let p = Self.scaled(unit.preactivation, s)
      coefficients[variable].append(Entry(block: 0, row: own, column: own, value: 2 * lambda * s[own] * s[own]))
      let cross = -lambda * s[own] * (unit.lower + unit.upper)
      if cross != 0 {
        for (column, value) in zip(p.columns, p.values) {
          coefficients[variable].append(Entry(block: 0, row: column, column: own, value: cross * value))
        }
      }
      let square = 2 * lambda * unit.lower * unit.upper
      if square != 0 { squares[variable, default: ([], [])].forms.append(p) }
      if square != 0 { squares[variable]?.weights.append(square) }
    }
    for (variable, terms) in squares { coefficients[variable] += Self.gram(terms.forms, weights: terms.weights) }
  }

  private static func scaled(_ form: IncrementForms.Form, _ scales: [Double]) -> IncrementForms.Form {
    IncrementForms.Form(columns: form.columns, values: zip(form.columns, form.values).map { scales[$0] * $1 })
  }

  /// The upper triangle of Σ w f f′, without its zeros.
  private static func gram(_ forms: [IncrementForms.Form], weights: [Double]?) -> [Entry] {
    let support = Array(Set(forms.flatMap(\.columns))).sorted()
    let places = Dictionary(uniqueKeysWithValues: support.enumerated().map { ($1, $0) })
    var left = Matrix<Double>(rows: forms.count, columns: support.count)
    for (i, form) in forms.enumerated() {
      for (column, value) in zip(form.columns, form.values) { if let place = places[column] { left[i, place] = value } }
    }
    var right = left
    if let weights {
      for i in 0..<forms.count { for j in support.indices { right[i, j] *= weights[i] } }
    }
    let product = Matrix.product(left, right, transposingLeft: true)
    var entries: [Entry] = []
    for (i, row) in support.enumerated() {
      for (j, column) in support.enumerated().dropFirst(i) where product[i, j] != 0 {
        entries.append(Entry(block: 0, row: row, column: column, value: product[i, j]))
      }
    }
    return entries
  }
}
