//! What a run was like, line by line, and how two runs differ.

use std::fmt;

/// A line, and when it happened, for the first and the last time if it stands for several.
#[derive(Clone, Debug)]
pub struct Line {
    pub first_ms: i64,
    pub last_ms: i64,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// Section and line.
    pub lines: Vec<(String, Line)>,
}

/// How a line differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only the other library has it; only ours; both, at different times.
    Theirs,
    Ours,
    Time,
}

#[derive(Clone, Debug)]
pub struct Difference {
    pub kind: Kind,
    pub text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.kind {
            Kind::Theirs => '-',
            Kind::Ours => '+',
            Kind::Time => '~',
        };
        write!(out, "{sign} {}", self.text)
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (section, line) in &self.lines {
            writeln!(out, "{section:>12} {:>6} ms  {}", line.first_ms, line.text)?;
        }
        Ok(())
    }
}

impl Transcript {
    pub fn push(&mut self, section: &str, line: Line) {
        self.lines.push((section.to_owned(), line));
    }

    pub fn add(&mut self, section: &str, lines: Vec<Line>) {
        for line in lines {
            self.push(section, line);
        }
    }

    pub fn timed_out(&self) -> bool {
        self.lines.iter().any(|(_, line)| line.text.contains(" timed out at "))
    }

    /// Partitions get the letters of the order in which requests use them; bytes that hold their
    /// numbers cannot be compared.
    pub fn rename_partitions(&mut self) {
        let mut seen: Vec<String> = Vec::new();
        for (_, line) in &mut self.lines {
            for (before, after) in [("[", "]"), ("partition=", " ")] {
                let Some(start) = line.text.find(before).map(|at| at + before.len()) else {
                    continue;
                };
                let size = line.text[start..].find(after).unwrap_or(0);
                let number = line.text[start..start + size].to_owned();
                if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                let at = seen.iter().position(|one| *one == number).unwrap_or_else(|| {
                    seen.push(number);
                    seen.len() - 1
                });
                line.text.replace_range(start..start + size, &format!("number {at}"));
            }
            if let Some(at) = line.text.find(" hash=") {
                line.text.truncate(at);
            }
        }
    }

    /// The same request several times in a row becomes one line.
    pub fn drop_repeats(&mut self) {
        self.lines.dedup_by(|next, kept| {
            let is_request = kept.0.starts_with("broker") || kept.0 == "metadata";
            let is_same = is_request && kept.0 == next.0 && kept.1.text == next.1.text;
            if is_same {
                kept.1.last_ms = next.1.last_ms;
            }
            is_same
        });
    }

    /// Reports of messages in a row that say the same become one line.
    pub fn collapse(&mut self) {
        let mut out: Vec<(String, Line)> = Vec::new();
        let mut last: Option<Report> = None;
        for (section, line) in std::mem::take(&mut self.lines) {
            let report = Report::parse(&line.text);
            if let (Some(last), Some(report), Some(run)) = (&mut last, &report, out.last_mut())
                && last.extend(report)
            {
                run.1.last_ms = line.last_ms;
                run.1.text = last.to_string();
                continue;
            }
            last = report;
            out.push((section, line));
        }
        self.lines = out;
    }

    /// Ours against theirs.
    pub fn compare(&self, theirs: &Self, tolerance: (u64, u64)) -> Vec<Difference> {
        let same = |a: &(String, Line), b: &(String, Line)| a.0 == b.0 && a.1.text == b.1.text;
        let (a, b) = (&theirs.lines, &self.lines);
        // Longest common subsequence, from the end.
        let mut longest = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                longest[i][j] = if same(&a[i], &b[j]) {
                    longest[i + 1][j + 1] + 1
                } else {
                    longest[i + 1][j].max(longest[i][j + 1])
                };
            }
        }
        let (mut i, mut j, mut out) = (0, 0, Vec::new());
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && same(&a[i], &b[j]) {
                out.extend(time(&a[i], &b[j].1, tolerance));
                (i, j) = (i + 1, j + 1);
            } else if j >= b.len() || (i < a.len() && longest[i + 1][j] >= longest[i][j + 1]) {
                out.push(one_sided(Kind::Theirs, &a[i]));
                i += 1;
            } else {
                out.push(one_sided(Kind::Ours, &b[j]));
                j += 1;
            }
        }
        out
    }
}

fn one_sided(kind: Kind, (section, line): &(String, Line)) -> Difference {
    Difference { kind, text: format!("{section} {} ms: {}", line.first_ms, line.text) }
}

fn time(theirs: &(String, Line), ours: &Line, tolerance: (u64, u64)) -> Option<Difference> {
    let far =
        |a: i64, b: i64| a.abs_diff(b) > tolerance.0 + a.max(b).unsigned_abs() * tolerance.1 / 100;
    let (section, theirs) = theirs;
    (far(theirs.first_ms, ours.first_ms) || far(theirs.last_ms, ours.last_ms)).then(|| {
        let text = format!(
            "{section} {}..{} ms there, {}..{} ms here: {}",
            theirs.first_ms, theirs.last_ms, ours.first_ms, ours.last_ms, ours.text
        );
        Difference { kind: Kind::Time, text }
    })
}

/// `R NAME err=E status=S offset=O REST`, or a run of them.
struct Report {
    prefix: String,
    names: (u64, u64),
    err: String,
    offsets: (i64, i64),
    rest: String,
    /// How much the offset grows from message to message, once known.
    step: Option<i64>,
}

impl Report {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("R ")?;
        let (name, rest) = rest.split_once(' ')?;
        let digits = name.find(|c: char| c.is_ascii_digit())?;
        let number = name[digits..].parse().ok()?;
        let (err, rest) = rest.split_once(" offset=")?;
        let (offset, rest) = rest.split_once(' ')?;
        let offset = offset.parse().ok()?;
        let prefix = name[..digits].to_owned();
        let (err, rest) = (err.to_owned(), rest.to_owned());
        Some(Self {
            prefix,
            names: (number, number),
            err,
            offsets: (offset, offset),
            rest,
            step: None,
        })
    }

    fn extend(&mut self, next: &Self) -> bool {
        let step = next.offsets.0 - self.offsets.1;
        let fits = self.prefix == next.prefix
            && self.err == next.err
            && self.rest == next.rest
            && next.names.0 == self.names.1 + 1
            && (0..=1).contains(&step)
            && self.step.is_none_or(|known| known == step);
        if fits {
            (self.names.1, self.offsets.1, self.step) = (next.names.0, next.offsets.0, Some(step));
        }
        fits
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((first, last), (low, high)) = (self.names, self.offsets);
        write!(
            out,
            "R {0}{first}..{0}{last} {1} offset={low}..{high} {2}",
            self.prefix, self.err, self.rest
        )
    }
}
