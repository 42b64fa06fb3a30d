//! A sequence diagram as text. Each process or thread has a lane, and time runs downwards.
//!
//! ```text
//!   producer  consumer
//!   ●         │         send p.tx 0
//!   ●         │         send p.tx 1
//!   ├────────►✗         recv p.rx -> 1
//!   │         ○         recv p.rx, which never returned
//! ```

use std::fmt::Write as _;

use super::style::{BAD, FAINT, paint};
use crate::judge::ShownEvent;
use crate::plan::ProcessIndex;

/// The least distance between two lanes.
const GAP: usize = 2;

/// Returns the diagram, which is empty without events. Every line ends with a line break.
pub(crate) fn draw(events: &[ShownEvent]) -> String {
    let lanes = ProcessLanes::of(events);
    let mut text = String::new();
    if events.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{}", paint(FAINT, lanes.heading().trim_end()));
    for event in events {
        let from = event.from.and_then(|index| events.get(index));
        let row = lanes.row(event, from.map(lane_of));
        let what = sentence(event);
        let line = if event.wrong {
            format!("{row}{}", paint(BAD, what))
        } else {
            format!("{row}{what}")
        };
        let _ = writeln!(text, "{line}");
    }
    text
}

fn sentence(event: &ShownEvent) -> String {
    match (event.outcome.as_deref(), &event.raw) {
        (None, _) => format!("{}, which never returned", event.text),
        (Some("ok"), None) => event.text.clone(),
        (Some(outcome), None) => format!("{} -> {outcome}", event.text),
        (Some(outcome), Some(raw)) => format!("{} -> {outcome} {raw}", event.text),
    }
}

/// A process and one of its threads.
type LaneOwner = (ProcessIndex, u16);

fn lane_of(event: &ShownEvent) -> LaneOwner {
    (event.index, event.thread)
}

/// The lanes of all processes of the diagram, in the order of the plan. Threads of one process are
/// neighbours.
struct ProcessLanes {
    lanes: Vec<ProcessLane>,
    width: usize,
}

struct ProcessLane {
    owner: LaneOwner,
    name: String,
    column: usize,
}

impl ProcessLanes {
    fn of(events: &[ShownEvent]) -> ProcessLanes {
        let mut lanes: Vec<ProcessLane> = Vec::new();
        for event in events {
            if lanes.iter().all(|lane| lane.owner != lane_of(event)) {
                lanes.push(ProcessLane {
                    owner: lane_of(event),
                    name: event.process.clone(),
                    column: 0,
                });
            }
        }
        lanes.sort_by_key(|lane| lane.owner);
        let mut column = GAP;
        for lane in &mut lanes {
            lane.column = column;
            column += lane.name.chars().count() + GAP;
        }
        ProcessLanes {
            lanes,
            width: column,
        }
    }

    fn heading(&self) -> String {
        let gap = " ".repeat(GAP);
        let names = self.lanes.iter().map(|lane| lane.name.clone() + &gap);
        gap.clone() + &names.collect::<String>()
    }

    /// Draws the lanes beside an event, with an arrow from the lane that its item came from.
    fn row(&self, event: &ShownEvent, from: Option<LaneOwner>) -> String {
        let mut cells: Vec<char> = vec![' '; self.width];
        for lane in &self.lanes {
            cells[lane.column] = '│';
        }
        let column = |owner| {
            let mut lanes = self.lanes.iter();
            lanes
                .find(|lane| lane.owner == owner)
                .map(|lane| lane.column)
        };
        let Some(to) = column(lane_of(event)) else {
            return cells.into_iter().collect();
        };
        if let Some(from) = from.and_then(column).filter(|from| *from != to) {
            let (left, right) = (from.min(to), from.max(to));
            for cell in &mut cells[left + 1..right] {
                *cell = if *cell == '│' { '┼' } else { '─' };
            }
            let (start, head, tip) = if from < to {
                ('├', to - 1, '►')
            } else {
                ('┤', to + 1, '◄')
            };
            cells[from] = start;
            cells[head] = tip;
        }
        cells[to] = match (event.wrong, &event.outcome) {
            (true, _) => '✗',
            (false, None) => '○',
            (false, Some(_)) => '●',
        };
        cells.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anstream::adapter::strip_str;

    const NAMES: [&str; 3] = ["producer", "relay", "consumer"];

    fn event(index: ProcessIndex, text: &str, outcome: &str) -> ShownEvent {
        ShownEvent {
            process: NAMES[index].to_owned(),
            index,
            thread: 0,
            text: text.to_owned(),
            outcome: Some(outcome.to_owned()),
            raw: None,
            wrong: false,
            from: None,
            start: 0,
            returned: Some(1),
        }
    }

    fn got(index: ProcessIndex, text: &str, item: &str, from: usize) -> ShownEvent {
        ShownEvent {
            from: Some(from),
            ..event(index, text, item)
        }
    }

    fn drawn(events: &[ShownEvent]) -> String {
        strip_str(&draw(events)).to_string()
    }

    #[test]
    fn arrows_lead_from_a_put_to_its_get() {
        let events = [
            event(0, "send p.tx 0", "ok"),
            event(0, "send p.tx 1", "ok"),
            ShownEvent {
                wrong: true,
                ..got(2, "recv p.rx", "1", 1)
            },
            got(2, "recv p.rx", "0", 0),
            ShownEvent {
                outcome: None,
                ..event(2, "recv p.rx", "")
            },
        ];
        insta::assert_snapshot!(drawn(&events), @r"
          producer  consumer
          ●         │         send p.tx 0
          ●         │         send p.tx 1
          ├────────►✗         recv p.rx -> 1
          ├────────►●         recv p.rx -> 0
          │         ○         recv p.rx, which never returned
        ");
    }

    #[test]
    fn arrows_cross_lanes_in_both_directions() {
        let events = [
            event(0, "send a 1", "ok"),
            got(2, "recv a", "1", 0),
            event(1, "close b", "closed"),
            event(2, "send c 2", "ok"),
            got(0, "recv c", "2", 3),
        ];
        insta::assert_snapshot!(drawn(&events), @r"
          producer  relay  consumer
          ●         │      │         send a 1
          ├─────────┼─────►●         recv a -> 1
          │         ●      │         close b -> closed
          │         │      ●         send c 2
          ●◄────────┼──────┤         recv c -> 2
        ");
    }

    #[test]
    fn threads_of_a_process_have_lanes_side_by_side() {
        let thread = |thread, event: ShownEvent| ShownEvent {
            process: format!("{}/{thread}", event.process),
            thread,
            ..event
        };
        let events = [
            thread(1, event(0, "send a 1", "ok")),
            thread(2, got(0, "recv a", "1", 0)),
            event(1, "close b", "ok"),
            event(0, "close a", "ok"),
        ];
        insta::assert_snapshot!(drawn(&events), @r"
          producer  producer/1  producer/2  relay
          │         ●           │           │      send a 1
          │         ├──────────►●           │      recv a -> 1
          │         │           │           ●      close b
          ●         │           │           │      close a
        ");
    }

    #[test]
    fn without_events_there_is_no_diagram() {
        assert_eq!(draw(&[]), "");
    }
}
