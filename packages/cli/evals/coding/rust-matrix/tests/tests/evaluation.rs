use matrix::error::MatrixError;
use matrix::matrix::Matrix;

fn m(text: &str) -> Matrix {
    Matrix::parse(text).unwrap()
}

#[test]
fn parsing() {
    assert_eq!(m("1 2; 3 4;").at(1, 0), 3);
    assert_eq!(Matrix::parse("1 2; 3"), Err(MatrixError::Row(2)));
    assert_eq!(Matrix::parse("1; 2; 3 4; x"), Err(MatrixError::Row(3)));
    assert_eq!(Matrix::parse("1 x"), Err(MatrixError::Row(1)));
    assert_eq!((m("").rows, m("").columns), (0, 0));
}

#[test]
fn products() {
    assert_eq!(m("1 2 3; 4 5 6").multiply(&m("7 8; 9 10; 11 12")), Ok(m("58 64; 139 154")));
    assert_eq!(m("1 2; 3 4").multiply(&m("5; 6")), Ok(m("17; 39")));
    assert_eq!(m("1 2").multiply(&m("1 2")), Err(MatrixError::Shape));
    assert_eq!(m("9223372036854775807 1").multiply(&m("1; 1")), Err(MatrixError::Overflow));
    assert_eq!(m("9223372036854775807 1").multiply(&m("2; -9223372036854775807")), Ok(m("9223372036854775807")));
    assert_eq!(m("9223372036854775807").multiply(&m("9223372036854775807")), Err(MatrixError::Overflow));
}

#[test]
fn transposition() {
    assert_eq!(m("1 2 3; 4 5 6").transpose(), m("1 4; 2 5; 3 6"));
    assert_eq!(m("").transpose(), m(""));
}

#[test]
fn powers() {
    let fibonacci = m("1 1; 1 0");
    assert_eq!(fibonacci.pow(0), Ok(m("1 0; 0 1")));
    assert_eq!(fibonacci.pow(1), Ok(fibonacci.clone()));
    assert_eq!(fibonacci.pow(91), Ok(m("7540113804746346429 4660046610375530309; 4660046610375530309 2880067194370816120")));
    assert_eq!(fibonacci.pow(92), Err(MatrixError::Overflow));
    assert_eq!(m("2").pow(62), Ok(m("4611686018427387904")));
    assert_eq!(m("2").pow(63), Err(MatrixError::Overflow));
    assert_eq!(m("-2").pow(63), Ok(m("-9223372036854775808")));
    assert_eq!(m("1 2").pow(0), Err(MatrixError::Shape));
    assert_eq!(m("0 1; 1 0").pow(u32::MAX), Ok(m("0 1; 1 0")));
}

#[test]
fn determinants() {
    for (text, value) in [
        ("", 1),
        ("5", 5),
        ("1 2; 3 4", -2),
        ("0 1; 1 0", -1),
        ("2 0 0; 0 3 0; 0 0 4", 24),
        ("1 2 3; 4 5 6; 7 8 9", 0),
        ("0 2 1; 3 0 1; 1 1 0", 5),
        ("1 2 3 4; 0 1 5 6; 0 0 1 7; 0 0 0 1", 1),
        ("3000000000 1; 1 3000000000", 8_999_999_999_999_999_999),
        ("4000000000 4000000000; 4000000000 4000000001", 4_000_000_000),
        ("0 0 1; 0 1 0; 1 0 0", -1),
    ] {
        assert_eq!(m(text).determinant(), Ok(value), "{text}");
    }
    assert_eq!(m("1 2 3; 4 5 6").determinant(), Err(MatrixError::Shape));
    assert_eq!(m("4000000000 0; 0 4000000000").determinant(), Err(MatrixError::Overflow));
}
