//! What is tried, as the command line says it.

use crate::failure::Refusal;
use crate::trials::{Choice, parts};
use isegnet_select::{Halving, SelectError, Settings, Space, Values};
use std::str::FromStr;

/// A setting and the values that are tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    name: String,
    values: Values,
}

impl FromStr for Try {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, values)) = text.split_once('=') else {
            return Err("write name=value,value or name=log:from:to".to_owned());
        };
        let values = match values.split_once(':') {
            Some((kind, range)) => ranged(kind, range)?,
            None => Values::Among(parts(values, ',').into_iter().map(str::to_owned).collect()),
        };
        Ok(Self { name: name.to_owned(), values })
    }
}

fn ranged(kind: &str, range: &str) -> Result<Values, String> {
    let wrong = || format!("{kind}:{range} is no range; write it as in log:0.01:100");
    let (low, high) = range.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(wrong);
    match kind {
        "log" => Ok(Values::LogUniform(number(low)?, number(high)?)),
        "uniform" => Ok(Values::Uniform(number(low)?, number(high)?)),
        "whole" => {
            let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
            Ok(Values::Whole(number(low)?, number(high)?))
        }
        _ => Err(format!("{kind:?} is no kind of range; there are log, uniform and whole")),
    }
}

/// Refuses to try what would not change, or what another argument sets.
pub fn check(tries: &[Try], model: &Choice, halving: Option<&Halving>) -> Result<(), Refusal> {
    for Try { name, .. } in tries {
        if model.settings.get(name).is_some() {
            let way = "give it to --try only";
            return Err(Refusal::usage(format!("--model and --try both set {name}; {way}")));
        }
        if halving.is_some_and(|halving| halving.budget == *name) {
            let way = "give it to --halving only";
            return Err(Refusal::usage(format!("--halving and --try both set {name}; {way}")));
        }
        if model.kind.is_seen_by(name) {
            let kind = model.kind.name();
            return Err(Refusal::usage(format!(
                "{name} says what {kind} sees, which is the same for all that is tried; set it as \
                 in --model {kind}:{name}=1000"
            )));
        }
    }
    Ok(())
}

/// All combinations, or so many drawn at random.
pub fn combinations(
    tries: &[Try],
    random: Option<u32>,
    seed: u64,
) -> Result<Vec<Settings>, SelectError> {
    let add = |space: Space, one: &Try| space.with(&one.name, one.values.clone());
    let space = tries.iter().fold(Space::new(), add);
    match random {
        Some(count) => space.random(count as usize, seed),
        None => space.grid(),
    }
}

/// Reads `epochs=5:60:3`.
pub fn halving(text: &str) -> Result<Halving, String> {
    let wrong = || format!("{text:?}: write it as in epochs=5:60:3");
    let (budget, numbers) = text.split_once('=').ok_or_else(wrong)?;
    let numbers: Result<Vec<usize>, _> = numbers.split(':').map(str::parse).collect();
    let (least, most, factor) = match numbers.map_err(|_| wrong())?[..] {
        [least, most] => (least, most, 3),
        [least, most, factor] => (least, most, factor),
        _ => return Err(wrong()),
    };
    let halving = Halving { budget: budget.to_owned(), least, most, factor };
    halving.rounds().map_err(|error| error.to_string())?;
    Ok(halving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_ranges_are_read_as_they_are_written() {
        let read = |text: &str| text.parse::<Try>().map(|one| one.values);
        let among = Values::Among(vec!["100".to_owned(), "200".to_owned()]);
        assert_eq!(read("trees=100,200"), Ok(among));
        let lists = Values::Among(vec!["[4,2]".to_owned(), "[8]".to_owned()]);
        assert_eq!(read("dense=[4,2],[8]"), Ok(lists));
        assert_eq!(read("C=log:0.1:10"), Ok(Values::LogUniform(0.1, 10.0)));
        assert_eq!(read("k1=whole:8:64"), Ok(Values::Whole(8, 64)));
        for wrong in ["trees", "C=log:1", "C=exp:1:2", "C=log:a:b", "k1=whole:1:2.5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn combinations_are_a_grid_or_drawn() {
        let tries: Vec<Try> =
            ["a=1,2", "b=x,y,z"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(combinations(&tries, None, 1).unwrap().len(), 6);
        assert_eq!(combinations(&tries, Some(4), 1).unwrap().len(), 4);
        let ranged: Vec<Try> = vec!["a=log:1:2".parse().unwrap()];
        assert!(combinations(&ranged, None, 1).unwrap_err().to_string().contains('a'));
    }

    #[test]
    fn nothing_is_tried_that_is_set_elsewhere() {
        let tries: Vec<Try> = vec!["reach=500,1000".parse().unwrap()];
        let refused = |model: &str, by: Option<&str>| {
            let by = by.map(|text| halving(text).unwrap());
            check(&tries, &model.parse().unwrap(), by.as_ref()).err().map(|e| e.to_string())
        };
        assert_eq!(refused("forest", Some("trees=1:9")), None);
        assert!(refused("forest:reach=1", None).unwrap().contains("--model and --try"));
        assert!(refused("forest", Some("reach=1:9")).unwrap().contains("--halving and --try"));
        assert!(refused("deepchrome", None).unwrap().contains("deepchrome:reach=1000"));
    }

    #[test]
    fn halving_needs_a_budget_that_grows() {
        assert_eq!(halving("epochs=5:60").unwrap().rounds().unwrap(), [6, 20, 60]);
        for wrong in ["epochs", "epochs=5", "epochs=60:5", "epochs=5:60:1", "epochs=a:b"] {
            assert!(halving(wrong).is_err(), "{wrong}");
        }
    }
}
