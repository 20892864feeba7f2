"""Section K: the records of interview, written turn by turn around the same facts as the exhibits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from casebundle.demo import records, story
from casebundle.demo.forms import Spec, police_form
from casebundle.demo.story import BATES, BURNER, DOYLE, HOBBS, KEY_EVENTS, THIRD, Event

Turn = tuple[str, str]
N, A = "DC NKEMELU", "DC ARKWRIGHT"
B, D = "BATES", "DOYLE"
Q, T = "MS QUAYLE", "MR TUDUR"


class Deck:
    """Deals its cards in a shuffled order, and shuffles again when they are out: no line comes twice close together."""

    def __init__(self, rnd: random.Random, cards: Sequence[str]) -> None:
        self.rnd, self.cards, self.left = rnd, list(cards), []

    def deal(self, **words: str) -> str:
        """The next card, its {names} filled in."""
        if not self.left:
            self.left = self.cards[:]
            self.rnd.shuffle(self.left)
        return self.left.pop().format(**words)

    left: list[str]


def clock(e: Event) -> str:
    return f"{e.at:%H:%M:%S}"


def day_of(e: Event) -> str:
    return f"{e.at:%A} the {e.at.day}{ {1: 'st', 2: 'nd', 3: 'rd', 21: 'st', 22: 'nd', 23: 'rd', 31: 'st'}.get(e.at.day, 'th') } of {e.at:%B}"


def caution(
    officer: str, other: str, who: str, lawyer: str, name: str, firm: str, date: str, start: str, room: str
) -> list[Turn]:
    return [
        (
            officer,
            "This interview is being audibly recorded. I am DC 2986 Rachel Nkemelu of the District Crime Team. The other officer present is…",
        ),
        (other, "DC 1745 Stephen Arkwright."),
        (
            officer,
            f"The date is {date} and by my watch it is {start}. We are in {room} at Hunslet Road Custody Suite. Say your full name and date of birth for me, please.",
        ),
        (
            who,
            f"{name}. {'Fourteenth of March eighty-seven.' if who == B else 'Second of September ninety-one.'}",
        ),
        (officer, "Also present is your solicitor. Would you introduce yourself?"),
        (
            lawyer,
            f"{'Harriet Quayle' if lawyer == Q else 'Owain Tudur'} of {firm}. My role is to advance and protect my client's rights. I shall intervene if I think that a question is improper or that he needs advice in private.",
        ),
        (
            officer,
            "You do not have to say anything. But it may harm your defence if you do not mention when questioned something which you later rely on in court. Anything you do say may be given in evidence. Do you understand that?",
        ),
        (who, "Yeah."),
        (officer, "Just tell me in your own words what it means, so that I know."),
        (
            who,
            "I don't have to talk. If I keep something back and come out with it after, they can hold it against me. And it's on the tape."
            if who == B
            else "That I can say nothing, and that it might look bad if I say something later that I could have said now.",
        ),
        (
            officer,
            "That's right. You've been arrested on suspicion of burglary at Unit 7, Calder Lane Trade Park, on the night of the 6th to the 7th of November. You are entitled to free legal advice at any time, and you have it. Is there any reason you're not fit to be interviewed?",
        ),
        (who, "No. Tired." if who == B else "No."),
    ]


BACKGROUND_B: list[Turn] = [
    (N, "Tell me a bit about yourself, Marcus. Where do you live?"),
    (B, "14 Cragside Terrace. With Leanne and our little girl. Been there since twenty twenty-one."),
    (N, "And what do you do for work?"),
    (
        B,
        "Driver. Aire Parcels. Seven years in April. Before that I was on the bins, agency, and before that I did a bit of roofing with my uncle.",
    ),
    (N, "What hours do you do?"),
    (B, "Six while two, mostly. Or two while ten if someone's off."),
    (A, "Which were you on the week of the 3rd of November?"),
    (B, "Six while two. Monday to Friday."),
    (A, "Did you work on Friday the 7th?"),
    (B, "No. I rang in sick. I had a bad gut."),
    (A, "What time did you ring in?"),
    (B, "Half seven-ish. After Leanne rang me."),
    (A, "Your shift starts at six."),
    (B, "Yeah, I was late ringing. I'd been up and down all night. I've had a warning for it."),
    (N, "What do you drive?"),
    (B, "At work, whatever's on the pad. At home it's the Golf."),
    (N, f"That's the grey Golf, {story.GOLF}?"),
    (B, "Yeah."),
    (N, "Does anybody else drive it?"),
    (B, "Leanne's not passed. No. Just me."),
    (N, "So if that car is somewhere, you're in it?"),
    (B, "Well. Yeah. Unless it's been nicked and put back."),
    (N, "Has it ever been nicked and put back?"),
    (B, "Not that I know of."),
    (N, "Do you own a hat? A woollen one."),
    (B, "I've a black beanie for work."),
    (N, "Anything in green?"),
    (B, "No. I'm a Leeds fan. I wouldn't be seen dead in green."),
    (N, "Nobody's ever knitted you a green hat with a bobble on it?"),
    (B, "No."),
]

WAREHOUSE_B: list[Turn] = [
    (N, "Do you know Calder Lane?"),
    (B, "I know where it is. Down by the river, past Hunslet."),
    (N, "Have you ever been to the trade park there?"),
    (B, "No. I've never set foot on Calder Lane in my life."),
    (N, "Never?"),
    (B, "Never in my life. I've no reason to."),
    (A, "You're a parcels driver. It's eight minutes from your depot."),
    (B, "It's not on my round. My round's Morley and Tingley."),
    (A, "Has it always been Morley and Tingley?"),
    (B, "As long as I can remember."),
    (A, "So if somebody were to say that you used to deliver there, they'd be mistaken?"),
    (B, "They'd be thinking of somebody else. There's fifty drivers."),
    (N, "Do you know a firm called Harland & Pike?"),
    (B, "Is that the solicitors?"),
    (Q, "I'd rather you asked him a question with something in it, officer."),
    (N, "They're wholesalers of watches and jewellery. At Unit 7. Have you heard of them?"),
    (B, "I have now."),
]

NIGHT_B: list[Turn] = [
    (N, "I want you to take me through Thursday the 6th of November. Start when you get up."),
    (
        B,
        "Half four. Work for six. Round done for about half one. Home. Picked the little one up from her nana's about three. Tea. Bath. Bed.",
    ),
    (N, "Her bed or yours?"),
    (
        B,
        "Hers, then mine. I was asleep by eleven. I watched a bit of the darts with the sound down and I went up.",
    ),
    (N, "Where was Leanne?"),
    (B, "Already up. She goes up early."),
    (N, "Did you go out again?"),
    (B, "No."),
    (N, "Not at all? Not to the shop, not to move the car?"),
    (
        B,
        "No. I was in bed. I told you that on the doorstep. I was in bed all night, next to Leanne, and I woke up when she rang me to do the bins.",
    ),
    (A, "You said a minute ago that you'd been up and down all night with a bad gut."),
    (B, "Up and down to the toilet. I don't mean up and down the M62."),
    (A, "Would Leanne have noticed?"),
    (B, "She sleeps like the dead."),
    (
        N,
        "If Leanne were to say that you came in at half past four in the morning, what would you say to that?",
    ),
    (B, "I'd say she's got the wrong night."),
    (N, "If she were to say that you smelt of something?"),
    (B, "Like what?"),
    (N, "You tell me."),
    (B, "I don't know what you want me to say. I had a shower on the Friday morning because I'd been ill."),
    (Q, "Has she said it? If there's a statement, I should like to have it before he is asked about it."),
    (N, "There's no statement at this time. I'm asking what he would say."),
    (Q, "Then it's hypothetical, and he's dealt with it."),
    (N, "Where was your phone that night?"),
    (B, "On charge in the kitchen. It always is. I don't have it in the bedroom, it's bad for you."),
    (N, "So your phone wouldn't tell us whether you'd gone out or not?"),
    (B, "It'd tell you it was in the kitchen."),
    (
        A,
        "In three months of your records it's the only night that your phone does nothing at all, Marcus. Not even its own data. Had you turned the data off?",
    ),
    (B, "I might have run out. I'm always running out."),
    (A, "It's an unlimited contract."),
    (B, "Then I don't know, do I? I'm not an engineer."),
    (N, "No. Do you know anybody who is?"),
    (B, "Who is what?"),
    (N, "An engineer."),
    (B, "No."),
]

DOYLE_B: list[Turn] = [
    (N, "Do you know a man called Ciaran Doyle?"),
    (B, "I know a Ciaran. I don't know his last name. From the Old Dyehouse, darts night."),
    (N, "What does he do?"),
    (B, "Locks, I think. He let my sister into her flat once when she'd lost her keys."),
    (N, "When did you last speak to him?"),
    (B, "August? September? We're not mates. I've got his number because of the locks."),
    (N, "What's his number?"),
    (B, "It'll be in my phone. I don't know it off by heart."),
    (
        A,
        f"{DOYLE}. It is in your phone. You were in touch with it [count] times in September and then it stops dead. Did you fall out?",
    ),
    (B, "No. Darts season finished."),
    (A, "The darts season finished on the 1st of October at four o'clock in the afternoon?"),
    (B, "You'd have to ask the landlord."),
    (N, "Do you know anybody called Daz?"),
    (B, "I know three Dazzes. Everybody in Beeston's called Daz."),
    (N, "One who might ring Ciaran Doyle."),
    (B, "No."),
]

BURNER_B: list[Turn] = [
    (
        N,
        f"I'm going to ask you about a phone number. {BURNER}. For the tape I'm going to call it the 617 phone. Whose is it?",
    ),
    (B, "I've no idea."),
    (N, "Have you ever used it?"),
    (B, "No. I've only ever had the one phone. The Samsung. You've got it."),
    (N, "You've never had a second phone? A little one with buttons?"),
    (B, "What would I want with a phone with buttons? I'm not a pensioner."),
    (
        N,
        "I'm showing the exhibit that I refer to as IS/2. It's a receipt. It was found this morning in your downstairs toilet, in a magazine. Read it to me, would you?",
    ),
    (B, "Hunslet News & Booze. First of the tenth twenty-five. Fifteen fifty-eight. E top-up ten pounds."),
    (N, "And the number under that?"),
    (B, "Oh seven seven double oh, nine double oh, six one seven."),
    (N, "That's the 617 phone, Marcus."),
    (B, "Somebody's left that there. People come round."),
    (N, "People come round to your house and leave top-up receipts in your magazines?"),
    (B, "It's a toilet. People read in it."),
    (
        A,
        "We've only asked the bank this morning. If it turns out that your card paid ten pounds at Hunslet News & Booze on the 1st of October, what then?",
    ),
    (B, "I get my tobacco there."),
    (A, "For ten pounds exactly?"),
    (B, "There or thereabouts."),
]


def call_talk(
    rnd: random.Random, seed: int, who: str, events: Sequence[Event], lead: str, second: str
) -> Iterator[Turn]:
    """The interview goes through the schedule of contact, row by row, as interviews do."""
    rows = story.contacts(seed)
    ask = Deck(
        rnd,
        [
            "Row {row}. {day}, {clock}. {a} to {b}, {long}. What's that about?",
            "If you turn to row {row}: at {clock} on {day}, {a} rings {b} for {long}. Who's talking?",
            "{day} next, row {row}. {clock}, {long}, from {a} to {b}. Do you remember that one?",
            "Then row {row}, {clock}, {day}. {a} calls {b} and they speak for {long}. Can you help with it?",
            "Keep going down. Row {row}. {clock}. It's {day}. {long}. {a} to {b}.",
            "I'll take you on to row {row}. {day}, at {clock}: a call of {long} from {a} to {b}.",
            "What about row {row}, {clock} on {day}? {long}. That's {a} ringing {b}.",
        ],
    )
    deny = (
        Deck(
            rnd,
            [
                "It's not my phone, so I couldn't tell you.",
                "No idea.",
                "You'd have to ask whoever had it.",
                "I don't know. I wasn't there.",
                "I've told you. It's nothing to do with me.",
                "Means nothing to me.",
                "No.",
                "If I knew I'd say.",
                "I can't help you with that.",
                "Same answer.",
                "I was at work, I should think. Or asleep.",
                "Not me. Next.",
                "That's just numbers on a page to me.",
                "You can keep asking. It's the same.",
                "I don't know who that is.",
                "I'd be on my break about then. On my own phone.",
                "I couldn't tell you what I was doing that day, never mind what somebody else was.",
                "I don't remember. It's weeks ago.",
            ],
        )
        if who == B
        else Deck(
            rnd,
            [
                "No comment.",
                "I've said what I've got to say in the statement.",
                "It was work.",
                "No comment to that.",
                "He'd be ringing about a job.",
                "I don't recall it.",
                "That was about a lock.",
                "No comment, on advice.",
                "I don't remember every call.",
                "He rang me. I didn't ring him.",
                "It'd be work, same as I've said.",
                "I can't say.",
                "I'd rather not say.",
                "Ask him.",
            ],
        )
    )
    follow = Deck(
        rnd,
        [
            "The cell is {site}. Where does that put the caller?",
            "It's on the {site} cell. Were you near there?",
            "That's the mast at {site}. What's at {site}, for you?",
            "Were you on your own at the time?",
            "Did anybody borrow a phone from you that day?",
            "Could it have been somebody else in your house?",
            "It's on a {weekday}. What do you do on a {weekday} as a rule?",
            "Is there anything that would help you to remember?",
            "Who would be able to say where you were?",
            "It's {long}. What can you say in {long}?",
            "And nothing about that time comes to mind?",
        ],
    )
    reply = (
        Deck(
            rnd,
            [
                "Everybody in south Leeds is near a mast.",
                "Could be anywhere.",
                "Not that I know of.",
                "I doubt it.",
                "No.",
                "Work, home, darts. That's it. That's my life.",
                "Ask Leanne.",
                "I couldn't say.",
                "It's a big area, is that.",
                "I don't keep a diary.",
                "Same as everybody else does.",
                "Nobody's got my phone but me.",
                "You're the detective.",
                "I've nowt to add.",
                "I'd tell you if I could.",
            ],
        )
        if who == B
        else Deck(
            rnd,
            [
                "No comment.",
                "I live round there.",
                "I go all over for work.",
                "No.",
                "I don't know.",
                "I couldn't tell you.",
                "My van was in for its MOT about then, I was walking everywhere.",
                "My sister, maybe.",
                "I work when the phone rings.",
                "I'd have to look in my book.",
                "On advice, no comment.",
            ],
        )
    )
    for e in events:
        first = e.cell or e.cell_b
        words = {
            "row": str(rows.index(e) + 1),
            "day": day_of(e),
            "clock": clock(e),
            "long": story.spoken(e.seconds),
            "a": named(e.a),
            "b": named(e.b),
            "site": story.CELLS[first].site if first else "no",
            "weekday": f"{e.at:%A}",
        }
        yield lead, ask.deal(**words)
        yield who, deny.deal()
        for _ in range(rnd.choice([1, 2, 2, 3])):
            yield rnd.choice([lead, lead, second]), follow.deal(**words)
            yield who, reply.deal()


def named(number: str) -> str:
    return {
        BURNER: "the 617 phone",
        DOYLE: "Doyle's number, the 388",
        THIRD: "the 905 number",
        HOBBS: "Leanne's number",
        BATES: "the 142 number",
        story.VANHIRE: "Kirk Van Hire",
        story.PAWN: "the shop in Caernarfon",
    }.get(number, number)


def key_calls_b(seed: int) -> list[Turn]:
    e = KEY_EVENTS
    row = {k: str(records.row_number(k, seed)) for k in e}
    return [
        (
            N,
            f"Now I want to look at the night itself. Row {row['eve1']}: Thursday the 6th, {clock(e['eve1'])}. {DOYLE} rings {BURNER}. {story.spoken(e['eve1'].seconds)}. The 617 phone is on the mast at Beeston Hill. That's your mast, Marcus. You live under it.",
        ),
        (B, "Me and five thousand others."),
        (
            N,
            f"Row {row['eve2']}, {clock(e['eve2'])}. The 617 phone rings {THIRD}, {story.spoken(e['eve2'].seconds)}. By now it's on Armley Mills. So it has moved from Beeston to Armley, in three-quarters of an hour. Where's Wellbeck Yard?",
        ),
        (B, "Never heard of it."),
        (N, "It's in Armley."),
        (B, "If you say so."),
        (
            A,
            "Your own phone sends a text to Leanne at 23:40:02. Then nothing until she rings you at 07:12:48. What did the text say?",
        ),
        (B, "'Night' or something. She was upstairs. I do it for a laugh."),
        (A, "You told us that you were asleep by eleven."),
        (B, "Eleven, half eleven. I don't have a stopwatch."),
        (A, "It's twenty to twelve."),
        (B, "Then I was asleep by twenty to twelve."),
        (
            N,
            f"Row {row['near']}. Friday the 7th, {clock(e['near'])}. {DOYLE} rings {BURNER}, {story.spoken(e['near'].seconds)}. The 617 phone is now on the Calder Lane mast. It faces the trade park. What's it doing there?",
        ),
        (B, "I don't know. It's not my phone."),
        (
            N,
            f"I'm going to come to row {row['eight']}. {clock(e['eight'])}. I call it the eight-second call. The 617 phone rings Doyle. Eight seconds. Both phones are on the same sector of the same mast. At 02:11 the alarm line is cut, and at 02:17 there are sparks at the roller door. In between there are eight seconds. What do you say in eight seconds, Marcus?",
        ),
        (B, "I don't know. 'Who's this?'"),
        (N, "I think that you say 'It's dead. Start cutting.'"),
        (Q, "That's a speech, not a question."),
        (N, "Did you say that?"),
        (B, "I was in bed."),
        (
            N,
            f"Row {row['out']}, {clock(e['out'])}. Doyle to the 617 phone, {story.spoken(e['out'].seconds)}. Four and a half minutes after that, a van comes out of the south gate with no lights on. Were you in it?",
        ),
        (B, "No."),
        (N, "Were you driving it?"),
        (B, "No. I was in bed."),
        (
            N,
            f"Row {row['after']}. {clock(e['after'])}. {BURNER} to {THIRD}. {story.spoken(e['after'].seconds)}. It's on Armley Mills again. Who's on the end of the 905 number at twenty-six minutes past three in the morning?",
        ),
        (B, "Whoever it is, he wants to get some sleep."),
        (A, "Do you think this is funny?"),
        (B, "No. I think it's nowt to do with me."),
        (
            N,
            f"On the morning of Saturday the 8th, {clock(e['end'])}, the 617 phone rings Doyle for {story.spoken(e['end'].seconds)}. After that it's never used again. What happened to it?",
        ),
        (B, "Battery, I should think."),
        (N, "What did you burn in your wheelbarrow?"),
        (B, "When?"),
        (N, "There's burnt plastic in a wheelbarrow in your garden."),
        (B, "That's a paddling pool. It had split."),
        (N, "You burnt a paddling pool in a wheelbarrow in November?"),
        (B, "I don't like to waste a trip to the tip."),
    ]


OVEN_B: list[Turn] = [
    (
        A,
        f"Row {{row}}. Sunday the 19th of October, {KEY_EVENTS['oven'].at:%H:%M:%S}. The 617 phone rings {HOBBS}. That's Leanne. Thirty-four seconds. Why does a phone that isn't yours ring your girlfriend?",
    ),
    (B, "Wrong number?"),
    (A, "For thirty-four seconds?"),
    (B, "She's chatty."),
    (
        A,
        "It's the only time in six weeks that the 617 phone rings anybody but Doyle, the 905 number and a van hire firm. It's on the Kirkstall Road mast and it's five past six on a Sunday evening. Were you on your way home?",
    ),
    (B, "I'd be in. Sunday's Sunday dinner."),
    (A, "Had somebody put the oven on?"),
    (B, "What's that supposed to mean?"),
    (A, "It's just a question."),
    (Q, "Is it? I don't follow it either."),
    (B, "No comment to that one."),
]

WALES_B: list[Turn] = [
    (N, "Have you been out of Leeds this month?"),
    (B, "No. Work. Home."),
    (N, "When were you last in Wales?"),
    (B, "I've not been to Wales since I was a kid. Rhyl. I was sick on the dodgems."),
    (N, "Not this year?"),
    (B, "No."),
    (N, "Not last Monday week? The 10th?"),
    (B, "I was at work."),
    (N, "Aire Parcels say that you'd booked the day off."),
    (B, "Then I was at home."),
    (
        N,
        "The Golf is read by a camera on the M62 at junction 26 at 08:14:22, going west. Where were you going?",
    ),
    (B, "Birstall. There's a bed shop."),
    (N, "It doesn't come back past that junction until 15:02. That's a lot of looking at beds."),
    (B, "We need a bed."),
    (
        N,
        "We've asked for cameras further on. If the Golf was in Wales, Marcus, now would be the time to say so.",
    ),
    (B, "I've not been to Wales since I was a kid."),
]

TRAINERS_B: list[Turn] = [
    (A, "I'm showing you exhibit IS/1. A pair of trainers. What are they?"),
    (B, "Kestrel Vantas. Forty quid."),
    (A, "Are they yours?"),
    (B, "They were on my rack."),
    (A, "What size do you take?"),
    (B, "Nine."),
    (A, "They were wet when PC Sadiq took them. The soles had been scrubbed. Why?"),
    (B, "Dog muck."),
    (A, "Do you have a dog?"),
    (B, "It wasn't my dog."),
    (
        N,
        "When the man at the trade park shone his torch on two men at the fence on the 30th of October, the one in the hat told him he was looking for a dog. Was that you?",
    ),
    (B, "No. I told you, I haven't got a dog."),
    (A, "And exhibit IS/3, the hooded jumper. It was in the airing cupboard, just washed. Who washed it?"),
    (B, "Leanne does the washing."),
    (A, "Always?"),
    (B, "I wouldn't know how to turn it on."),
    (N, "Exhibit IS/4. Two thousand one hundred and forty pounds, in a child's welly. Whose is it?"),
    (B, "Mine. It's for Christmas. I won it."),
    (N, "Where?"),
    (B, "Online. Valhalla. You can check."),
    (N, "Valhalla pays into a bank account. How did it get into the welly?"),
    (B, "I took it out."),
    (N, "The whole of your account for the month doesn't come to that."),
    (B, "I'd been saving it up."),
]

CLOSE_B: list[Turn] = [
    (N, "Is there anything that you want to say, or anything you want to change?"),
    (B, "No. You've got the wrong lad. I don't know Calder Lane, I don't know that phone, I was in bed."),
    (N, "Is there anybody we should speak to who would help you?"),
    (B, "Leanne."),
    (N, "We shall. Ms Quayle?"),
    (
        Q,
        "Only that my client has answered every question he's been asked for the better part of four hours, and I'd ask that it be noted.",
    ),
    (N, "It's noted. The time is 18:22. I'm switching off the recorder."),
]


def photo_talk(rnd: random.Random, who: str, lead: str, numbers: Sequence[int]) -> Iterator[Turn]:
    from casebundle.demo.pictures import ALBUM

    ask = Deck(
        rnd,
        [
            "Photograph {n} in PW/1. It shows {what}. Do you recognise it?",
            "Turn over. Number {n}: {what}. What can you tell me about that?",
            "And {n}, that's {what}. Have you seen it before?",
            "The next is {n}. {What}. Does it mean anything to you?",
            "Look at number {n}, would you. {What}.",
        ],
    )
    answer = Deck(
        rnd,
        [
            "No.",
            "It's a photograph.",
            "Never seen it.",
            "I don't know where that is.",
            "Could be anywhere, could that.",
            "No. Should I?",
            "It's dark.",
            "I've not seen it before.",
            "I can see what it is. I don't know it.",
            "You can show me them all. It's the same.",
            "No idea.",
        ],
    )
    more = Deck(
        rnd,
        [
            "Take your time.",
            "Look at it again for me.",
            "You're shaking your head: for the tape, is that a no?",
            "Have you ever been anywhere that looks like that?",
            "So if anything of yours had been found there, you couldn't explain it?",
            "You're sure?",
        ],
    )
    tail = Deck(
        rnd,
        [
            "It's a no.",
            "I've looked.",
            "No. Sorry.",
            "I can't explain what I've not seen.",
            "As sure as I can be.",
            "No comment to that.",
            "I am taking my time.",
        ],
    )
    for n in numbers:
        what = ALBUM[n - 1][1]
        what = what[0].lower() + what[1:]
        yield lead, ask.deal(n=str(n), what=what, What=what[0].upper() + what[1:])
        yield who, answer.deal()
        if rnd.random() < 0.6:
            yield lead, more.deal()
            yield who, tail.deal()


def read_talk(rnd: random.Random, seed: int, count: int) -> Iterator[Turn]:
    ask = Deck(
        rnd,
        [
            "On {day} at {time} the Golf is read at {site}. Where are you off to?",
            "{time}, {day}: {site}. Where had you been?",
            "Then at {site}, {time} on {day}. Is that you driving?",
            "There's a reading on {day}, {time}, {site}. What would that be?",
            "And {site} at {time}, {day}. Anybody with you?",
        ],
    )
    answer = Deck(
        rnd,
        [
            "Work, I expect.",
            "That's the way I go home.",
            "Shopping. We go on that road for the big shop.",
            "Taking the little one to her nana's.",
            "That'll be me, yeah.",
            "Five-a-side.",
            "I live off that road. It'd be odd if I wasn't on it.",
            "Don't know. Petrol?",
            "My mum's, probably.",
            "Chippy.",
            "I'd have to think. Dentist. Leanne gets us in free.",
            "On my own, I should think.",
            "Dropping Leanne at work.",
        ],
    )
    reads = [
        r
        for r in story.reads(seed)
        if r.plate == story.GOLF and r not in story.KEY_READS and r.at < datetime(2025, 11, 6)
    ]
    for r in sorted(rnd.sample(reads, count), key=lambda x: x.at):
        yield (
            A,
            ask.deal(
                day=f"{r.at:%A} {story.long_date(r.at)[:-5]}",
                time=f"{r.at:%H:%M}",
                site=story.CAMERAS[r.camera].rsplit(", ", 1)[0],
            ),
        )
        yield B, answer.deal()


def recce_talk() -> list[Turn]:
    a, b = (r for r in story.KEY_READS if r.at.date() == datetime(2025, 10, 28).date())
    return [
        (
            A,
            f"Tuesday 28 October. Hunslet Road, outbound, at {a.at:%H:%M:%S}. And inbound at {b.at:%H:%M:%S}. Three-quarters of an hour. You're past the end of Calder Lane both times. What's down there at nine o'clock at night?",
        ),
        (B, "Fish and chips. There's a good one at Stourton."),
        (
            A,
            f"At {clock(KEY_EVENTS['recce'])}, between the two, the 617 phone rings Doyle from the Calder Lane mast. {story.spoken(KEY_EVENTS['recce'].seconds)}. Your car and that phone, in the same place, at the same time. Help me.",
        ),
        (B, "I can't. I was getting my tea."),
        (A, "What's it called, the chip shop?"),
        (B, "I don't know what it's called. It's got a whale on it."),
    ]


def money_talk(
    rnd: random.Random, seed: int, who: str, speaker: str, lead: str, count: int
) -> Iterator[Turn]:
    ask = Deck(
        rnd,
        [
            "{day}: {what}, {amount}. What was that?",
            "There's an entry on {day} for {amount}. {what}. Remember it?",
            "{amount} on {day}, {what}. Is that you?",
            "Then {what} on {day}, {amount}.",
            "Further down the page, {day}. {what}. {amount}. Who spent that?",
        ],
    )
    answer = (
        Deck(
            rnd,
            [
                "Me, probably. It's my card.",
                "Dinner.",
                "I don't know. Shopping.",
                "That'd be petrol or something.",
                "I don't remember a thing like that.",
                "Yeah, that's me.",
                "It's only a few quid.",
                "Tobacco and a paper.",
                "Does it matter?",
                "My lass uses it and all, sometimes.",
                "Bits for the house.",
                "A night out, by the look of it.",
            ],
        )
        if speaker == B
        else Deck(
            rnd,
            [
                "Parts.",
                "No comment.",
                "It's food. I've got to eat.",
                "Something for a job.",
                "I don't remember.",
                "That's mine, yes.",
                "Petrol, most likely.",
                "It's nothing.",
                "No comment to my bank account.",
            ],
        )
    )
    keyed = {w for _, w, _ in story.KEY_ENTRIES[who]}
    entries = [
        e
        for e in story.bank(who, seed)
        if e.at > datetime(2025, 9, 20) and e.amount < 0 and e.what not in keyed
    ]
    for e in sorted(rnd.sample(entries, count), key=lambda x: x.at):
        yield (
            lead,
            ask.deal(
                day=f"{e.at.day} {e.at:%B}",
                what=e.what.replace("CARD PAYMENT ", "").title(),
                amount=story.pounds(abs(e.amount)),
            ),
        )
        yield speaker, answer.deal()


def friend_talk(
    rnd: random.Random, seed: int, owner: str, speaker: str, lead: str, count: int
) -> Iterator[Turn]:
    """Calls of his own telephone, to people who have nothing to do with it."""
    ask = Deck(
        rnd,
        [
            "{day}, {time}, {what} to {b}. Who's that?",
            "Whose number is {b}? You {verb} it on {day} at {time}.",
            "{b}. {day}, {time}. Who would that be?",
            "And {b}, at {time} on {day}?",
        ],
    )
    answer = Deck(
        rnd,
        [
            "My mum.",
            "Work. That's the depot.",
            "Lad I play five-a-side with.",
            "No idea. One of them that rings you up about your car insurance.",
            "The school.",
            "My brother. He changes his number every five minutes.",
            "Leanne's sister.",
            "Takeaway.",
            "I'd need my phone. You've got my phone.",
            "That's Gaz from work.",
            "Doctor's.",
            "Landlord.",
            "Couldn't tell you. It isn't saved, is it?",
            "A bloke about a gearbox.",
            "Barber's.",
        ],
    )
    events = [
        e
        for e in story.of(owner, seed)
        if e.a == owner and e.kind != "Data" and e.b not in story.NAMED and e.at > datetime(2025, 9, 25)
    ]
    for e in sorted(rnd.sample(events, count), key=lambda x: x.at):
        yield (
            lead,
            ask.deal(
                day=f"{e.at.day} {e.at:%B}",
                time=f"{e.at:%H:%M}",
                what="a text" if e.kind == "SMS" else "a call",
                verb="text" if e.kind == "SMS" else "ring",
                b=e.b,
            ),
        )
        yield speaker, answer.deal()


def breaks(part: int, at: str, again: str, who: str) -> list[Turn]:
    return [
        (N, f"The disc has nearly run. It's {at}. We'll have a break. Do you want anything?"),
        (
            who,
            Deck(
                random.Random(f"break {part}"),
                ["A brew. Two sugars.", "Just some water.", "No, I'm all right.", "Can I have a smoke?"],
            ).deal(),
        ),
        ("", f"[RECORDING STOPPED {at}. RECORDING RESUMED {again}. PART {part}.]"),
        (
            N,
            f"It's {again}. The same people are in the room. We have not spoken about the case in the break: is that right?",
        ),
        (who, "Yeah." if who == B else "Yes."),
        (N, "I must remind you that you're still under caution."),
    ]


def bates_turns(seed: int) -> list[Turn]:
    """The whole of RN/2."""
    rnd = random.Random(f"bates {seed}")
    e = story.contacts(seed)
    keys = set(KEY_EVENTS.values())
    minor = [x for x in e if x not in keys and BURNER in (x.a, x.b)]
    row = str(records.row_number("oven", seed))
    count = len([x for x in story.of(BATES, seed) if DOYLE in (x.a, x.b) and f"{x.at:%Y-%m}" == "2025-09"])
    out = caution(
        N,
        A,
        B,
        Q,
        "Marcus Bates",
        "Quayle & Brooke Solicitors",
        "Tuesday the 18th of November 2025",
        "14:05",
        "interview room 2",
    )
    out += BACKGROUND_B + WAREHOUSE_B
    out += [(N, "We'll look at some photographs."), *list(photo_talk(rnd, B, N, range(1, 19)))]
    out += (
        breaks(2, "14:51", "15:08", B)
        + NIGHT_B
        + [(who, text.replace("[count]", str(count))) for who, text in DOYLE_B]
    )
    out += [
        (
            N,
            "I want to go through your own phone with you, the 142 number. It's exhibit HM/2 when it's finished; this is the first run of it.",
        )
    ]
    out += list(friend_talk(rnd, seed, BATES, B, N, 190))
    out += breaks(3, "15:50", "16:06", B) + BURNER_B
    out += [
        (
            N,
            "We've put the calls of the 617 phone on a list, which will be HM/1. I'm going to go through it with you. It will take a while.",
        )
    ]
    out += list(call_talk(rnd, seed, B, minor[:10], N, A)) + [(s, t.format(row=row)) for s, t in OVEN_B]
    out += list(call_talk(rnd, seed, B, minor[10:], N, A)) + key_calls_b(seed)
    out += breaks(4, "16:58", "17:15", B)
    out += [
        (A, "I want to ask about the Golf. These are the cameras."),
        *list(read_talk(rnd, seed, 110)),
        *recce_talk(),
        *list(read_talk(rnd, seed + 1, 30)),
    ]
    out += WALES_B + TRAINERS_B
    out += [(N, "I'll ask you about money."), *list(money_talk(rnd, seed, "bates", B, N, 150))]
    out += [
        (N, "And the rest of the photographs, the ones taken inside."),
        *list(photo_talk(rnd, B, N, [*range(19, 30), 37, 38, 39])),
    ]
    out += list(friend_talk(random.Random(f"more {seed}"), seed, BATES, B, A, 200))
    return out + CLOSE_B


PREPARED_D = (
    "I, Ciaran Doyle, say as follows. I am a locksmith and I used to work for Wharfe Alarm Services. I know Marcus from darts. In October I was approached by a man I know as Daz, to whom I owed money. He asked me about "
    "the alarm at Harland & Pike and I told him what I knew. I should not have done that. He told me to hire a van and to leave the key on the wheel, and I did. He gave me to understand that if I did not, my sister would have an accident. I was not at Calder Lane "
    "on the night of 6 November 2025. My phone was. I had lent it to Daz. I got it back the next morning through the letter box. I rent the lock-up but Daz had the second key from the 1st of November. What was found in it is not mine. I was afraid then and I am afraid now. I do "
    "not wish to say any more about Daz."
)

DOYLE_CORE: list[Turn] = [
    (
        N,
        "Thank you. I've got questions about that, and it's for you whether you answer them. You lent your phone to Daz?",
    ),
    (D, "Yes."),
    (N, "An iPhone with a passcode. Did you give him the passcode?"),
    (D, "Yes."),
    (N, "When did you give it to him?"),
    (D, "The Thursday teatime. About six."),
    (
        N,
        f"At 19:58:02 on that Thursday your phone rings the 617 phone for 26 seconds. At 20:15 it's used to order a kebab to {story.DOYLE_HOME}. Did Daz order a kebab to your flat?",
    ),
    (D, "No comment."),
    (N, "How long have you known him?"),
    (D, "Since the summer."),
    (N, "Where did you meet?"),
    (D, "I'd rather not say."),
    (N, "What does he look like?"),
    (D, "Big. Beard. I'm not saying any more."),
    (A, "Let me ask you about the van. You told Gordon Kirk what it was for?"),
    (D, "I said it was for moving. I was moving my sister's furniture. That's what I said to him."),
    (A, "Is that true? Were you moving your sister's furniture?"),
    (D, "I was going to, yeah. A sofa. Then Daz wanted the van."),
    (A, "Your statement says that Daz told you to hire it."),
    (D, "It was both."),
    (
        A,
        f"At {clock(KEY_EVENTS['van'])} on the 4th of November the 617 phone rings {story.VANHIRE} for {story.spoken(KEY_EVENTS['van'].seconds)}. A man asks for a white Transit with nothing written on it, and says that his mate will come in with his licence. Twenty minutes after, you come in with yours. Who was it on the phone?",
    ),
    (D, "No comment."),
    (A, "Was it Marcus Bates?"),
    (D, "No comment."),
    (N, "Do you know whose the 617 phone is?"),
    (D, "You'd better ask Marcus."),
    (N, "Why do you say that?"),
    (T, "I advise my client not to go further with that."),
    (D, "No comment."),
    (N, "You've got it saved as 'Boiler'. Did you have trouble with your boiler?"),
    (D, "I had a bit of trouble with my boiler, yeah."),
    (N, "At fourteen minutes past two in the morning?"),
    (D, "I didn't have the phone."),
]

NOTEBOOK_D: list[Turn] = [
    (N, "I'm showing JC/1. It's a red notebook. From the drawer of a workbench in Unit 12. Is it yours?"),
    (D, "It's like one I had."),
    (N, "Is that your handwriting?"),
    (D, "Some of it."),
    (
        N,
        "Page eleven. I'll read it. 'Thurs late – grinder, 2 discs, M bring ladders, kill the line first, 35 mins in & out.' Is that your writing?",
    ),
    (D, "I'd have to see it in a better light."),
    (N, "Who's M?"),
    (D, "Could be anybody. Mick. Mum."),
    (N, "Was your mum to bring the ladders?"),
    (D, "My mum's dead."),
    (T, "I think that we might move on."),
    (N, "I'm sorry about your mum. Who's M, Ciaran?"),
    (D, "No comment."),
    (
        N,
        "'Kill the line first.' Nadia Feroz says that an engineer called Ciaran told her in her office: 'if you kill the line first, the rest is just a noise in an empty room'. Did you say that?",
    ),
    (D, "I might have. It's a thing we say. It's a thing engineers say."),
    (
        A,
        "You bought two packs of cutting discs at Armley Tool Centre on the 5th of November. £27.98. What were they for?",
    ),
    (D, "Locks. You've to drill them or cut them."),
    (A, "Where are they?"),
    (D, "Used."),
    (A, "Grinder, two discs."),
    (D, "No comment."),
    (N, "Exhibit JC/4. A biscuit tin with eleven thousand two hundred pounds in it. It was under a slab."),
    (D, "That isn't mine. That's his."),
    (N, "Whose?"),
    (D, "Daz's. He said he'd left a tin in the yard."),
    (N, "How did he tell you that?"),
    (D, "He just said it."),
    (
        N,
        f"There's a text, from your phone, at {clock(KEY_EVENTS['last'])} on the 7th, to the 617 phone. We don't have what it says yet. What will it say?",
    ),
    (D, "I didn't have the phone."),
    (N, "Do you whistle, Ciaran?"),
    (D, "Do I what?"),
    (N, "Whistle. You were doing it when DC Arkwright brought you in here."),
    (D, "Everybody whistles."),
    (N, "What's the tune?"),
    (D, "I don't know. It's just a tune. It's off an ice cream van."),
]


def doyle_turns(seed: int) -> list[Turn]:
    """The whole of RN/3."""
    rnd = random.Random(f"doyle {seed}")
    keys = set(KEY_EVENTS.values())
    mine = [x for x in story.contacts(seed) if x not in keys and DOYLE in (x.a, x.b)]
    out = caution(
        N,
        A,
        D,
        T,
        "Ciaran Doyle",
        "Tudur Parry Cyfreithwyr",
        "Wednesday the 26th of November 2025",
        "15:10",
        "interview room 1",
    )
    out += [
        (
            T,
            "My client has prepared a statement which I shall read. After that he may answer some questions and may decline others. He would have preferred to speak through me in Welsh, which was his mother's language, but he is content to go on in English.",
        ),
        (T, PREPARED_D),
        (N, "Do you agree that statement, Ciaran, and have you signed it?"),
        (D, "I have. Yes."),
    ]
    out += DOYLE_CORE + breaks(2, "15:54", "16:12", D)
    out += [
        (N, "This is the list of calls, HM/1. I'm going to ask you about those with your number in them.")
    ]
    out += list(call_talk(rnd, seed, D, mine, N, A))
    e = KEY_EVENTS
    for name, note in (
        ("eve1", "The 617 phone is in Beeston. You're at home."),
        ("near", "You're on the Hunslet Green mast."),
        ("eight", "Both of you are on Calder Lane."),
        ("out", "You're still on Calder Lane."),
    ):
        out += [
            (
                N,
                f"Row {records.row_number(name, seed)}. {clock(e[name])} on {day_of(e[name])}. {named(e[name].a)} to {named(e[name].b)}, {story.spoken(e[name].seconds)}. {note}",
            ),
            (D, "I didn't have the phone."),
        ]
    out += breaks(3, "16:49", "17:02", D) + NOTEBOOK_D
    out += list(money_talk(rnd, seed, "doyle", D, A, 130))
    out += list(photo_talk(rnd, D, N, [26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37]))
    out += [(t, w) for t, w in friend_talk(rnd, seed, DOYLE, D, N, 210)]
    out += [
        (N, "Is there anything else?"),
        (D, "Will somebody go round and see that Aoife's all right?"),
        (N, "We'll see to it. The time is 17:34."),
    ]
    return out


def bates_second_turns(seed: int) -> list[Turn]:
    """RN/4: no comment, save once."""
    rnd = random.Random(f"bates2 {seed}")
    out = caution(
        N,
        A,
        B,
        Q,
        "Marcus Bates",
        "Quayle & Brooke Solicitors",
        "Friday the 9th of January 2026",
        "11:02",
        "interview room 2",
    )
    out.append(
        (
            Q,
            "I have advised my client to make no comment, because of the late disclosure of the material from North Wales.",
        )
    )
    nc = Deck(rnd, ["No comment.", "No comment.", "No comment.", "No comment to that.", "Same. No comment."])
    questions = [
        "I'm showing you SL/1, the receipt, number 1187, of the 10th of November. It's signed 'M Bateson'. Is that your signature?",
        "Who's Mark Bateson?",
        "Where did you get a driving licence in that name?",
        f"Your own phone rings {story.PAWN} at {clock(KEY_EVENTS['pawn'])} on the 10th of November, for {story.spoken(KEY_EVENTS['pawn'].seconds)}. It's on a mast in Caernarfon. Were you in Caernarfon?",
        "You told us that you'd not been to Wales since you were a kid. Was that true?",
        "The Golf is on the A55 at 10:21:05 and in Caernarfon at 10:52:40. Were you driving it?",
        "There's a photograph on your phone of a castle. Did you take it?",
        "You searched for 'sell watch for cash no questions' on the 9th of November. Why?",
        "The shopkeeper says that the man wore a green hat with a white bobble. You told us that you'd never had one. Was that true?",
        "The three watches have the serial numbers of watches stolen from Unit 7. How did you come to have them?",
        "Were they your share?",
        "I'm showing you NF/4. Eleven delivery notes. Each is signed 'M Bates'. The first is the 9th of February 2023. Did you sign it?",
        "The address on each is Unit 7, Calder Lane Trade Park. You told us that you had never set foot on Calder Lane in your life.",
        "Nadia Feroz made you a cup of tea there. Do you remember?",
        "From the loading bay, could you see the secure room?",
        "£1,850 was paid into your account in Beeston at 16:41 that afternoon, in twenties. Where was it from?",
        "Did you sell the watches for Ciaran Doyle?",
        "Did you sell them for Daz?",
        "Is there a Daz?",
    ]
    for i, question in enumerate(questions):
        out += [(N if i % 3 else A, question), (B, nc.deal())]
        if question == "Is there a Daz?":
            out[-1] = (B, "There's always a Daz.")
            out += [
                (N, "What do you mean by that?"),
                (Q, "I think that we'll leave it there."),
                (B, "No comment."),
            ]
    out += [(N, "The time is 11:49. That ends the interview.")]
    return out


def roti(
    ref: str,
    name: str,
    born: str,
    date: str,
    begin: str,
    end: str,
    lawyer: str,
    turns: Callable[[int], list[Turn]],
    leading: float,
) -> Callable[[Path, int], int]:
    """A record of interview: who speaks, what is said, and the time of the recorder every so often."""

    def build(path: Path, seed: int) -> int:
        said = turns(seed)
        p = police_form(
            path,
            "ROTI",
            f"RECORD OF INTERVIEW    Exhibit {ref}",
            text_size=12,
            leading=leading,
            margins=(64, 66, 64, 60),
            name=f"Record of interview {name}",
        )
        p.form(
            [
                [("Person interviewed", name, 3), ("Date of birth", born, 1.4), ("Exhibit", ref, 1)],
                [
                    ("Place", "Hunslet Road Custody Suite", 2),
                    ("Date", date, 1.4),
                    ("Began", begin, 0.8),
                    ("Ended", end, 0.8),
                ],
                [
                    ("Interviewing officers", "DC 2986 Nkemelu, DC 1745 Arkwright", 2),
                    ("Solicitor", lawyer, 2),
                ],
            ],
            size=10,
        )
        p.text(
            "This is a full record of what was said. The figures on the left are the time on the recorder's clock.",
            size=9,
        )
        h, m = (int(x) for x in begin.split(":"))
        clock_at = datetime(2025, 11, 18, h, m)
        eh, em = (int(x) for x in end.split(":"))
        words_total = sum(len(t.split()) + 6 for _, t in said)
        pace = (datetime(2025, 11, 18, eh, em) - clock_at).total_seconds() / words_total
        name_x, text_x = 44.0, 132.0
        last = ""
        for who, text in said:
            step = p.text_size * p.leading
            lines = max(1, len(text) * p.text_size * 0.5 / (p.width - text_x))
            p.need(step * min(3, lines))
            stamp = f"{clock_at:%H:%M}"
            if who:
                if stamp != last:
                    p.put(p.left, p.y - p.text_size, stamp, "sans", 8.5, colour=(0.35, 0.35, 0.35))
                    last = stamp
                p.put(p.left + name_x, p.y - p.text_size, who, "sans-b", 9.5)
                p.text(text, indent=text_x, after=6)
            else:
                p.text(text, font="sans-b", after=6, size=10)
            clock_at += timedelta(seconds=pace * (len(text.split()) + 6))
        p.sign("Rachel Nkemelu", "Record made by", "")
        return p.save()

    return build


BATES_FILE = "ROTI BATES Marcus 18.11.2025 FULL.pdf"
DOYLE_FILE = "ROTI_DOYLE_Ciaran_26Nov2025.pdf"
SPECS = [
    Spec(
        BATES_FILE,
        "K",
        "Record of interview, Marcus Bates",
        "2025-11-18",
        roti(
            "RN/2",
            "Marcus BATES",
            "14/03/1987",
            "18 November 2025",
            "14:05",
            "18:22",
            "Ms H Quayle, Quayle & Brooke",
            bates_turns,
            1.8,
        ),
        "RN/2",
        served_days_ago=90,
    ),
    Spec(
        DOYLE_FILE,
        "K",
        "Record of interview, Ciaran Doyle",
        "2025-11-26",
        roti(
            "RN/3",
            "Ciaran DOYLE",
            "02/09/1991",
            "26 November 2025",
            "15:10",
            "17:34",
            "Mr O Tudur, Tudur Parry",
            doyle_turns,
            1.8,
        ),
        "RN/3",
        served_days_ago=90,
    ),
    Spec(
        "ROTI BATES 2nd int 09-01-26 (no comment).pdf",
        "K",
        "Record of further interview, Marcus Bates",
        "2026-01-09",
        roti(
            "RN/4",
            "Marcus BATES",
            "14/03/1987",
            "9 January 2026",
            "11:02",
            "11:49",
            "Ms H Quayle, Quayle & Brooke",
            bates_second_turns,
            1.8,
        ),
        "RN/4",
        served_days_ago=90,
    ),
]
