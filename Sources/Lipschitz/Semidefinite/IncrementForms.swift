import Certificates
import LinearAlgebra
import Networks

/// The increments of a network's nodes as linear forms in independent coordinates: the inputs and the units that are not linear.
///
/// Affine nodes and units whose sector is a point are substituted, so that only coordinates remain about which multipliers say something.
/// Units that cannot move (their pre-activation is the zero form) are zero; units that reach neither the output nor a unit that does are left
/// out, because their constraint can only raise the bound.
struct IncrementForms {
  /// A linear form Σ values[k] · coordinate[columns[k]], columns ascending.
  struct Form: Equatable {
    var columns: [Int] = []
    var values: [Double] = []
  }

  /// A unit that is a coordinate.
  struct Unit {
    /// The place of its activation node among the activation nodes.
    var position: Int
    /// Its place in the node.
    var index: Int
    /// Its sector.
    var lower: Double
    var upper: Double
    /// p, in coordinates before it.
    var preactivation: Form
  }

  /// The inputs that are coordinates, in order; they are the first coordinates.
  private(set) var inputs: [Int]
  /// The units that are coordinates, in the order of the nodes; they follow the inputs.
  private(set) var units: [Unit] = []
  /// The outputs.
  private(set) var outputs: [Form] = []

  /// The number of coordinates.
  var coordinateCount: Int { inputs.count + units.count }

  /// Finds the forms of a network.
  ///
  /// - Parameter keepsAllInputs: whether inputs that reach nothing are coordinates, too.
  init(_ network: LoweredNetwork, sectors: [UnitSectors], keepsAllInputs: Bool) {
    inputs = Array(0..<network.inputCount)
    var forms: [[Form]] = []
    var position = 0
    for node in network.nodes {
      switch node.kind {
      case .input: forms.append(inputs.map { Form(columns: [$0], values: [1]) })
      case .affine(let terms, _):
        var sum = FormSum(coordinateCount: inputs.count + units.count)
        forms.append(sum.forms(count: node.count, terms: terms.map { (forms[$0.source], $0.map?.sparseRows()) }))
      case .activation(let source, _):
        let sector = sectors[position]
        forms.append(
          forms[source].enumerated().map { i, form in
            if form.columns.isEmpty { return Form() }
            if sector.lower[i] == sector.upper[i] {
              return sector.lower[i] == 0 ? Form() : Form(columns: form.columns, values: form.values.map { $0 * sector.lower[i] })
            }
            units.append(Unit(position: position, index: i, lower: sector.lower[i], upper: sector.upper[i], preactivation: form))
            return Form(columns: [inputs.count + units.count - 1], values: [1])
          })
        position += 1
      }
    }
    outputs = forms.last ?? []
    dropUnused(keepsAllInputs: keepsAllInputs)
  }

  /// Leaves out the coordinates that do not reach the output.
  private mutating func dropUnused(keepsAllInputs: Bool) {
    var isUsed = [Bool](repeating: false, count: coordinateCount)
    for form in outputs { for column in form.columns { isUsed[column] = true } }
    // A pre-activation has only earlier coordinates, so one sweep backwards finds everything.
    for (k, unit) in units.enumerated().reversed() where isUsed[inputs.count + k] {
      for column in unit.preactivation.columns { isUsed[column] = true }
    }
    if keepsAllInputs { for i in inputs.indices { isUsed[i] = true } }
    guard isUsed.contains(false) else { return }
    var places = [Int](repeating: -1, count: coordinateCount)
    for (place, column) in isUsed.indices.filter({ isUsed[$0] }).enumerated() { places[column] = place }
    units = units.enumerated().filter { isUsed[inputs.count + $0.offset] }.map { _, unit in
      var unit = unit
      unit.preactivation.columns = unit.preactivation.columns.map { places[$0] }
      return unit
    }
    outputs = outputs.map { Form(columns: $0.columns.map { places[$0] }, values: $0.values) }
    inputs = inputs.filter { isUsed[$0] }
  }
}

/// Sums of multiples of linear forms, collected in one dense row.
private struct FormSum {
  private var row: [Double]
  private var isTouched: [Bool]
  private var touched: [Int] = []

  init(coordinateCount: Int) {
    row = [Double](repeating: 0, count: coordinateCount)
    isTouched = [Bool](repeating: false, count: coordinateCount)
  }

  /// The forms of the elements of Σ A h, A the rows (the identity when absent) and h with the given forms.
  mutating func forms(count: Int, terms: [(forms: [IncrementForms.Form], rows: SparseRows<Double>?)]) -> [IncrementForms.Form] {
    (0..<count).map { i in
      for (forms, rows) in terms {
        guard let rows else {
          add(forms[i], times: 1)
          continue
        }
        for k in rows.starts[i]..<rows.starts[i + 1] where rows.values[k] != 0 { add(forms[rows.columns[k]], times: rows.values[k]) }
      }
      return take()
    }
  }

  private mutating func add(_ form: IncrementForms.Form, times factor: Double) {
    for (column, value) in zip(form.columns, form.values) {
      if !isTouched[column] {
        isTouched[column] = true
        touched.append(column)
      }
      row[column] += factor * value
    }
  }

  private mutating func take() -> IncrementForms.Form {
    touched.sort()
    var form = IncrementForms.Form()
    for column in touched {
      if row[column] != 0 {
        form.columns.append(column)
        form.values.append(row[column])
      }
      row[column] = 0
      isTouched[column] = false
    }
    touched.removeAll(keepingCapacity: true)
    return form
  }
}
