use ring_buffer::average::Average;
use ring_buffer::ring::Ring;

fn all(ring: &Ring<i32>) -> Vec<i32> {
    ring.iter().copied().collect()
}

#[test]
fn fills_and_wraps() {
    let mut ring = Ring::with_capacity(3);
    assert!(ring.is_empty());
    let mut expected: Vec<i32> = Vec::new();
    for value in 1..=20 {
        let gone = ring.push(value);
        expected.push(value);
        let oldest = if expected.len() > 3 { Some(expected.remove(0)) } else { None };
        assert_eq!(gone, oldest);
        assert_eq!(all(&ring), expected);
        assert_eq!(ring.len(), expected.len());
        for place in 0..5 {
            assert_eq!(ring.get(place), expected.get(place));
        }
    }
}

#[test]
fn newest_values() {
    let mut ring = Ring::with_capacity(4);
    assert!(ring.last_n(3).is_empty());
    for value in 1..=6 {
        ring.push(value);
    }
    assert_eq!(ring.last_n(2), [&5, &6]);
    assert_eq!(ring.last_n(4), [&3, &4, &5, &6]);
    assert_eq!(ring.last_n(100), [&3, &4, &5, &6]);
    assert!(ring.last_n(0).is_empty());
}

#[test]
fn capacities_of_nothing_and_one() {
    let mut none = Ring::with_capacity(0);
    assert_eq!(none.push(7), Some(7));
    assert_eq!((none.len(), none.get(0), none.iter().count()), (0, None, 0));
    let mut one = Ring::with_capacity(1);
    assert_eq!(one.push("a".to_string()), None);
    assert_eq!(one.push("b".to_string()), Some("a".to_string()));
    assert_eq!((one.len(), one.get(0).map(String::as_str)), (1, Some("b")));
}

#[test]
fn averages_stay_exact() {
    let mut average = Average::over(4);
    assert_eq!(average.value(), None);
    average.add(2);
    average.add(3);
    assert_eq!(average.value(), Some(2.5));
    for _ in 0..1_000_000 {
        average.add(i32::MAX);
    }
    assert_eq!(average.value(), Some(i32::MAX as f64));
    for sample in [1, -1, 5, 7] {
        average.add(sample);
    }
    assert_eq!(average.value(), Some(3.0));
    let mut nothing = Average::over(0);
    nothing.add(5);
    assert_eq!(nothing.value(), None);
}
