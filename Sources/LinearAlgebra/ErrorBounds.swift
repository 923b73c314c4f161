/// tmp
public enum ErrorBounds {
  /// tmp
  public static func gamma(_ k: Int) -> Double { let x = Double(k) * 0x1p-53; return (x / (1 - x)).nextUp.nextUp }
  /// tmp
  public static func sqrtUp(_ x: Double) -> Double { x.squareRoot().nextUp }
  /// tmp
  public static func addUp(_ x: Double, _ y: Double) -> Double { (x + y).nextUp }
}
