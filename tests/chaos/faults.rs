//! What fails around the processes, while they are under load.

use crate::load::Load;
use crate::place::Place;
use crate::postgres;
use crate::processes::{Processes, Role};
use crate::proxy::Mood;
use crate::verdict::look;
use crate::{ALONE, chance, pause};

/// Waits until so many more videos were accepted.
async fn more(load: &Load, videos: usize) {
    let before = load.accepted();
    for _ in 0..600 {
        if load.accepted() >= before + videos {
            return;
        }
        pause(50).await;
    }
    panic!("nothing is accepted any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_postgresql_restarts() {
    let _alone = ALONE.lock().await;
    let place = Place::on_postgres().await;
    let processes = Processes::start(&place, 2).await;
    let load = Load::start(&processes, 100);
    for _ in 0..3 {
        more(&load, 10).await;
        pause(chance(300)).await;
        postgres::restart();
    }
    more(&load, 10).await;
    let figures = look(&place, &load.stop().await).await;
    assert!(figures.again > 0, "nobody noticed: {figures}");
    println!("PostgreSQL restarted 3 times: {figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_the_object_store_refuses() {
    let _alone = ALONE.lock().await;
    let place = Place::on_postgres_and_s3().await;
    let (_, proxy) = place.s3.as_ref().unwrap();
    let processes = Processes::start(&place, 2).await;
    let load = Load::start(&processes, 200);
    for mood in [Mood::Busy, Mood::Denies, Mood::Silent] {
        more(&load, 5).await;
        let before = proxy.refused();
        proxy.be(mood);
        pause(2500).await;
        proxy.be(Mood::Works);
        assert!(proxy.refused() > before, "nobody noticed {mood:?}");
    }
    more(&load, 5).await;
    // A deletion that could not reach the files was answered as a failure, and asked for again.
    let figures = look(&place, &load.stop().await).await;
    println!(
        "S3 busy, denying and silent ({} requests): {figures}",
        proxy.refused()
    );
}

/// A limit of files' lengths stands for the full disk: every write beyond 96 KiB fails, of the
/// database as well as of videos, in the engine as well as in the store of files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_the_disk_takes_no_more() {
    let _alone = ALONE.lock().await;
    let place = Place::on_disk().await;
    let mut processes = Processes::start(&place, 2).await;
    let load = Load::start(&processes, 100);
    more(&load, 10).await;
    let all = processes.roles();
    let restart = |processes: &mut Processes<'_>, limit, roles: &[Role]| {
        processes.file_limit = limit;
        for role in roles {
            processes.kill(*role);
            processes.begin(*role);
        }
    };
    // First where the workers write, then everywhere.
    let workers = [Role::Worker(0), Role::Worker(1)];
    restart(&mut processes, Some(192), &workers);
    let mut ended = 0;
    for _ in 0..20 {
        pause(100).await;
        ended += processes.revive();
    }
    restart(&mut processes, Some(192), &all);
    for _ in 0..20 {
        pause(100).await;
        ended += processes.revive();
    }
    restart(&mut processes, None, &all);
    more(&load, 10).await;
    let figures = look(&place, &load.stop().await).await;
    assert!(figures.again > 0, "nobody noticed: {figures}");
    println!("disk full ({ended} processes could not start on it): {figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_is_lost_or_charged_twice_when_clocks_jump() {
    let _alone = ALONE.lock().await;
    let place = Place::on_postgres().await;
    let processes = Processes::start(&place, 3).await;
    let load = Load::start(&processes, 100);
    for _ in 0..30 {
        pause(chance(400)).await;
        let number = chance(3);
        let jump = i64::try_from(chance(7200)).unwrap() - 3600;
        std::fs::write(place.at(&format!("clock-{number}")), jump.to_string()).unwrap();
    }
    let asked = load.stop().await;
    // What waits for a clock that was ahead by up to an hour need not be waited for.
    for number in 0..3 {
        std::fs::write(place.at(&format!("clock-{number}")), "7300").unwrap();
    }
    let figures = look(&place, &asked).await;
    println!("clocks jumped 30 times by up to an hour: {figures}");
}
