//! Numbers as people read them: times, and counts with their word.

/// A time in nanoseconds with three or four digits.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns >= 1e9 => (ns / 1e9, "s"),
        ns if ns >= 1e6 => (ns / 1e6, "ms"),
        ns if ns >= 1e3 => (ns / 1e3, "us"),
        ns => return format!("{ns:.0}ns"),
    };
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}{unit}")
}

/// A number with a comma before each three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its word: `1 CPU`, `2 CPUs`.
pub fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (ns, shown) in
            [(0.0, "0ns"), (999.0, "999ns"), (1_500.0, "1.50us"), (12_345_678.0, "12.3ms"), (2e11, "200s")]
        {
            assert_eq!(time(ns), shown);
        }
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
        for (number, shown) in [(0, "0 CPUs"), (1, "1 CPU"), (2, "2 CPUs"), (1024, "1,024 CPUs")] {
            assert_eq!(counted(number, "CPU", "CPUs"), shown);
        }
    }
}
