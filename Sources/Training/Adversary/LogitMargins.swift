import LinearAlgebra

/// What logits say about labels: an answer is right when the label's logit is greater than every other one, so that of equal ones none is.
enum LogitMargins {
  /// The logits of a classifier's batch, as the mean over draws of its noise.
  static func meanLogits<Element: Scalar>(
    _ classifier: some DifferentiableClassifier<Element>, draws: Int, random: RandomStream
  ) -> [Element] {
    let draws = classifier.isNoisy ? max(1, draws) : 1
    var mean = classifier.forward(random: random.stream(0)).elements
    guard draws > 1 else { return mean }
    for draw in 1..<draws {
      for (i, value) in classifier.forward(random: random.stream(draw)).elements.enumerated() { mean[i] += value }
    }
    return mean.map { $0 / Element(draws) }
  }

  /// The class of the greatest logit of each of `count` samples, the first one's when several are equal.
  static func answers<Element: Scalar>(_ logits: [Element], count: Int) -> [Int] {
    let classes = logits.count / max(1, count)
    return (0..<count).map { index in
      (0..<classes).reduce(0) { best, next in logits[index * classes + next] > logits[index * classes + best] ? next : best }
    }
  }

  /// The number of samples with the right answer.
  static func rightCount<Element: Scalar>(_ logits: Tensor<Element>, labels: [Int]) -> Int {
    labels.indices.count { sample in
      let (row, label) = (logits.sample(sample), labels[sample])
      return row.indices.allSatisfy { $0 == label || row[label] > row[$0] }
    }
  }

  /// Each label's logit minus that of another class.
  static func margins<Element: Scalar>(_ logits: [Element], _ labels: [Int], over rivals: [Int]) -> [Double] {
    let classes = logits.count / max(1, labels.count)
    return labels.indices.map { Double(logits[$0 * classes + labels[$0]]) - Double(logits[$0 * classes + rivals[$0]]) }
  }

  /// Each label's logit minus the greatest other one: the answer is right where it is positive; a logit that is no number makes it 0.
  static func margins<Element: Scalar>(_ logits: [Element], _ labels: [Int]) -> [Double] {
    let classes = logits.count / max(1, labels.count)
    return labels.enumerated().map { index, label in
      var rival = -Double.infinity
      var isNumber = true
      for i in 0..<classes {
        let value = Double(logits[index * classes + i])
        if value.isNaN { isNumber = false }
        if i != label { rival = max(rival, value) }
      }
      let margin = Double(logits[index * classes + label]) - rival
      return isNumber && !margin.isNaN ? margin : 0
    }
  }
}
