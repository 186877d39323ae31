//! Files from and to presigned addresses: what is taken, what is refused, and where nobody connects.

use std::time::Duration;

use engine::golpo::options::Corner;
use engine::{EngineError, MadeVideo, Waiting};
use golpo_double::{Behaviour, Call, Fault, Lie};

use super::support::{Desk, FILM, documented};

async fn refused(behaviour: Behaviour, faults: Vec<Fault>) -> (Desk, String) {
    let desk = Desk::new(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(Call::File, faults);
    let (made, _) = desk.until_done(directory.path()).await;
    let error = made.unwrap_err();
    assert!(error.is_passing(), "another time it may be right: {error}");
    let told = error.to_string();
    (desk, told)
}

#[tokio::test]
async fn a_video_that_cannot_be_fetched_yet_is_waited_for_and_arrives() {
    for fault in [
        Fault::Lies(Lie::Html),
        Fault::Lies(Lie::Half),
        Fault::Cut,
        Fault::Slow(Duration::from_secs(2)),
        Fault::Status(403, None),
        Fault::Status(500, None),
        Fault::Redirect("http://127.0.0.1:1/elsewhere".to_owned()),
    ] {
        let desk = Desk::new(documented()).await;
        let directory = tempfile::tempdir().unwrap();
        desk.double.next(
            Call::File,
            [fault.clone(), fault.clone(), fault.clone(), fault.clone()],
        );
        let (made, waited) = desk.until_done(directory.path()).await;
        assert_eq!(
            std::fs::read(made.unwrap().video).unwrap(),
            FILM,
            "{fault:?}"
        );
        let unavailable = waited
            .iter()
            .filter(|(why, _)| *why == Waiting::Unavailable);
        assert_eq!(unavailable.count(), 4, "{fault:?}");
        assert_eq!(desk.double.counts().submissions, 1);
    }
}

#[tokio::test]
async fn a_video_that_can_never_be_fetched_is_given_to_an_operator() {
    let desk = Desk::new(documented()).await;
    let directory = tempfile::tempdir().unwrap();
    desk.double.next(
        Call::File,
        std::iter::repeat_n(Fault::Status(403, None), 2_000),
    );
    let error = desk.until_done(directory.path()).await.0.unwrap_err();
    assert!(
        error.is_passing() && error.to_string() == "download failed: status 403",
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_the_whole_video_is_refused_and_fetched_again() {
    for (fault, words) in [
        (
            Fault::Lies(Lie::HtmlAsVideo),
            "film failed: it is not an MP4",
        ),
        (Fault::Lies(Lie::Shortened), "film failed: it is cut short"),
        (
            Fault::Lies(Lie::Endless),
            "download failed: it is too large",
        ),
    ] {
        let (desk, told) = refused(documented(), vec![fault.clone()]).await;
        assert_eq!(told, words, "{fault:?}");
        let directory = tempfile::tempdir().unwrap();
        desk.video(directory.path()).await;
        assert_eq!(desk.double.counts().submissions, 1);
    }
}

#[tokio::test]
async fn an_address_elsewhere_or_in_a_private_network_is_not_connected_to() {
    for (address, words) in [
        (
            "https://evil.example.com/v.mp4",
            "its host is not on the list of allowed hosts",
        ),
        (
            "https://golpoai.com.example.com/v.mp4",
            "its host is not on the list of allowed hosts",
        ),
        ("http://cdn.golpoai.com/v.mp4", "it is not an https address"),
        (
            "https://169.254.169.254/latest/meta-data/",
            "it leads into a private network",
        ),
        ("https://10.0.0.7/v.mp4", "it leads into a private network"),
        (
            "https://[fd00:ec2::254]/v.mp4",
            "it leads into a private network",
        ),
        ("https://key@cdn.golpoai.com/v.mp4", "it holds credentials"),
        ("file:///etc/passwd", "it is not an address"),
        ("v.mp4", "it is not an address"),
    ] {
        let mut behaviour = documented();
        behaviour.film_address = Some(address.to_owned());
        let (desk, told) = refused(behaviour, vec![]).await;
        assert_eq!(told, format!("download failed: {words}"), "{address}");
        assert!(!desk.double.counts().calls.contains_key(&Call::File));
    }
}

async fn with_logo(bytes: &[u8], behaviour: Behaviour) -> (Desk, Result<MadeVideo, EngineError>) {
    let directory = tempfile::tempdir().unwrap();
    let logo = directory.path().join("our logo.png");
    std::fs::write(&logo, bytes).unwrap();
    let desk = Desk::with(behaviour, |config| {
        config.logo = Some((logo, Corner::TopRight))
    })
    .await;
    let (made, _) = desk.until_done(directory.path()).await;
    (desk, made)
}

#[tokio::test]
async fn a_logo_is_uploaded_in_two_steps_and_stands_in_the_order() {
    let (desk, made) = with_logo(b"\x89PNG and so on", documented()).await;
    assert_eq!(
        std::fs::read(made.unwrap().video).ok(),
        None,
        "its directory is gone"
    );
    let counts = desk.double.counts();
    assert_eq!(counts.uploads, [(14, "image/png".to_owned())]);
    assert_eq!(counts.offences, Vec::<String>::new());
    let order = &desk.double.submissions()[0].order;
    assert_eq!(order["logo"], format!("{}/uploaded/1", desk.double.url()));
    assert_eq!(order["logo_placement"], "tr");
    assert_eq!(
        FILM.len() as u64,
        desk.double.counts().calls[&Call::File] * FILM.len() as u64
    );
}

#[tokio::test]
async fn a_file_of_no_size_or_too_much_of_it_is_not_uploaded() {
    for bytes in [vec![], vec![0; 15 * 1024 * 1024 + 1]] {
        let (desk, made) = with_logo(&bytes, documented()).await;
        let error = made.unwrap_err();
        assert_eq!(error.to_string(), "logo: a file has 1 byte to 15 MB");
        assert!(!error.is_passing());
        assert_eq!(desk.double.counts().calls, [].into());
    }
}

#[tokio::test]
async fn bytes_are_put_nowhere_but_where_files_may_be() {
    let mut behaviour = documented();
    behaviour.upload_address = Some("https://evil.example.com/put".to_owned());
    let (desk, made) = with_logo(b"logo", behaviour).await;
    assert_eq!(
        made.unwrap_err().to_string(),
        "upload failed: its host is not on the list of allowed hosts"
    );
    assert_eq!(
        desk.double.counts().submissions,
        0,
        "nothing is ordered without its logo"
    );
}

#[tokio::test]
async fn an_upload_that_fails_orders_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let logo = directory.path().join("logo.png");
    std::fs::write(&logo, b"logo").unwrap();
    let desk = Desk::with(documented(), |config| {
        config.logo = Some((logo, Corner::TopLeft))
    })
    .await;
    desk.double.next(Call::Put, [Fault::Status(403, None)]);
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert_eq!(error.to_string(), "upload failed: status 403");
    desk.double.next(Call::Upload, [Fault::Status(503, None)]);
    let error = desk.attempt(directory.path()).await.unwrap_err();
    assert!(matches!(error, EngineError::Later { .. }), "{error}");
    assert_eq!(desk.double.counts().submissions, 0);
    desk.video(directory.path()).await;
}
