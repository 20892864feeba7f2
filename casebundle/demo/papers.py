"""The papers of the court, the parties and the police: everything that is neither a statement, a transcript, an exhibit nor a report."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from casebundle.demo import story
from casebundle.demo.forms import Spec, court, footer, letter, police_form
from casebundle.demo.interviews import Deck
from casebundle.demo.layout import A4L, Paper
from casebundle.demo.story import BURNER, DOYLE, KEY_EVENTS, PEOPLE, THIRD, spoken

ADLER = "HHJ Ruth Adler"


def paper(
    title: str,
    paragraphs: Sequence[str],
    signed: str = "",
    date: str = "",
    names: str = "both",
    job: str = "",
    numbered: bool = True,
    leading: float = 1.6,
) -> Callable[[Path, int], int]:
    """A paper with the heading of the court and numbered paragraphs, signed."""

    def build(path: Path, seed: int) -> int:
        p = court(path, title, names=names)
        p.leading = leading
        if numbered:
            p.numbered(paragraphs, after=9)
        else:
            for t in paragraphs:
                if t.startswith("# "):
                    p.heading(t[2:], 12.5)
                elif t.startswith("- "):
                    p.bullet(t[2:])
                else:
                    p.text(t, after=9)
        if signed:
            p.sign(signed, "Signed", date)
            p.text(f"{signed}{', ' + job if job else ''}")
        return p.save()

    return build


def indictment(path: Path, seed: int) -> int:
    p = court(path, "Indictment")
    p.text("MARCUS BATES and CIARAN DOYLE are charged as follows:", font="serif-i", after=12)
    counts = [
        (
            "COUNT 1",
            "CONSPIRACY TO BURGLE, contrary to section 1(1) of the Criminal Law Act 1977.",
            "MARCUS BATES and CIARAN DOYLE, between the 1st day of October 2025 and the 8th day of November 2025, conspired together and with a person or persons unknown to enter as trespassers a building, namely Unit 7, Calder Lane Trade Park, Leeds, with intent to steal therein.",
        ),
        (
            "COUNT 2",
            "HANDLING STOLEN GOODS, contrary to section 22(1) of the Theft Act 1968.",
            "MARCUS BATES, on the 10th day of November 2025, dishonestly undertook or assisted in the disposal or realisation of stolen goods, namely three watches belonging to Harland & Pike Limited, by or for the benefit of another, knowing or believing the same to be stolen goods.",
        ),
        (
            "COUNT 3",
            "CONVERTING CRIMINAL PROPERTY, contrary to section 327(1)(c) of the Proceeds of Crime Act 2002.",
            "CIARAN DOYLE, between the 7th day of November 2025 and the 22nd day of November 2025, converted criminal property, namely £2,885 in cash, by paying it into a bank account, knowing or suspecting it to represent, in whole or in part and whether directly or indirectly, a benefit from criminal conduct.",
        ),
    ]
    for head, offence, particulars in counts:
        p.need(170)
        p.text(f"**{head}**", align="left", after=4)
        p.text("Statement of Offence", font="serif-i", align="centre", after=3)
        p.text(offence, after=7)
        p.text("Particulars of Offence", font="serif-i", align="centre", after=3)
        p.text(particulars, after=18)
    p.sign("Margaret Cole", "Officer of the Crown Court", "9 February 2026")
    return p.save()


def call(name: str) -> str:
    e = KEY_EVENTS[name]
    return f"{e.at:%H:%M:%S}"


SUMMARY = [
    "# The burglary",
    f"In the early hours of Friday 7 November 2025 two men cut their way into {story.UNIT}, the premises of Harland & Pike Ltd, wholesalers of watches and jewellery. They cut the alarm line at 02:11:33, the roller door by 02:24:48 and the wall of the secure room by about 02:40. They left by van at 02:53:20 with {story.WATCHES_TAKEN} watches and 38 trays of jewellery worth {story.LOSS} at trade price (NF/1).",
    "They knew three things that few knew: that the radio path of the alarm was not working, where the telephone line came in, and that the trays for Friday's collection would be on the shelves.",
    "# The defendants",
    f"Marcus Bates is 38, a parcels driver, of {story.BATES_HOME}. In the spring of 2023 he delivered to the unit at least eleven times (NF/4). In interview he said that he had never set foot on Calder Lane in his life.",
    f"Ciaran Doyle is 34, a locksmith and formerly an alarm engineer with Wharfe Alarm Services Ltd, of {story.DOYLE_HOME}. He serviced the alarm at the unit nine times. He rents {story.LOCKUP}.",
    "# The telephones",
    f"An unregistered telephone, {BURNER} ('the 617 phone'), was topped up on 1 October 2025 and last used on 8 November 2025. The Crown says that it was Bates's. It spoke to Doyle ({DOYLE}), to another unregistered telephone, {THIRD} (saved by Doyle as 'D'), once to Bates's partner and once to a van hire firm, and to nobody else (HM/1).",
    f"On the night the 617 phone and Doyle's were on the same cell, at Calder Lane, at {call('eight')} for {spoken(KEY_EVENTS['eight'].seconds)} and at {call('out')} for {spoken(KEY_EVENTS['out'].seconds)}. The first of these, **the eight-second call**, falls between the cutting of the line and the cutting of the door.",
    f"At {call('last')} Doyle's telephone sent to the 617 phone: '{story.TEXTS['last']}'. It was deleted, and recovered (RD/2).",
    "# The van",
    f"On 4 November at {call('van')} the 617 phone rang Kirk Van Hire. Twenty minutes later Doyle came in with his licence and hired a white Transit, {story.VAN} (GK/1). Its tracker was unplugged from 23:02 on 6 November to 04:11 on 7 November (GK/2). A white Transit on the plates {story.PLATE} was read at Armley at 23:44:08, at Hunslet Road at 01:47:26 and 02:58:39, and at Armley at 03:09:17 (DS/1). The true {story.PLATE} was in Harrogate. Those plates were found in Doyle's lock-up (JC/5).",
    "# What was found",
    "In Unit 12: fourteen of the watches (JC/2), a grinder (JC/3), £11,200 in a biscuit tin (JC/4), the plates (JC/5) and a red notebook (JC/1) with the words 'Thurs late – grinder, 2 discs, M bring ladders, kill the line first, 35 mins in & out'.",
    "At 14 Cragside Terrace: the top-up receipt for the 617 phone (IS/2), trainers (IS/1), a hooded jumper (IS/3) and £2,140 (IS/4).",
    "# Science",
    "A mark in the office dust (PW/2): moderately strong support that the right shoe of IS/1 made it. Six pieces of glass on IS/3 which cannot be told from that of the office door (PW/3): strong support. A glove by the kerb (PW/5): DNA of Doyle as the major contributor.",
    "# Caernarfon",
    f"On 10 November 2025 a man who called himself Mark Bateson sold three of the watches to Siân Llŷr at Tŷ Aur, Caernarfon, for £2,350 (SL/1). The Golf {story.GOLF} was read on the A55 and in Caernarfon; Bates's own telephone rang the shop at {call('pawn')}. He had told the police that he had not been to Wales since he was a child.",
    "# Eye witnesses",
    "Keith Ramsden saw two men at the fence on Tuesday 28 October 2025 (he first said Thursday 30 October) and has picked out Bates as the man in the green bobble hat. Eifion Rowlands saw the passenger of the van, in a green hat with a bobble, at a little before three. Leanne Hobbs says that Bates came in at about half past four and 'smelt of burnt metal'.",
    "# Interviews",
    "Bates denied everything in a long interview (RN/2) and made no comment in a second, save that he said 'There's always a Daz' (RN/4). Doyle read a statement in which he said that he was made to help by a man called Daz and was not there; and that his telephone was (RN/3).",
    "# The issues",
    "For Bates: who had the 617 phone, and whether he was there. For Doyle: whether he was there, and duress. Each is likely to blame the other.",
]


def summary(path: Path, seed: int) -> int:
    p = police_form(path, "MG5", "CASE SUMMARY", text_size=11.5, leading=1.75, margins=(60, 66, 60, 56))
    p.form(
        [
            [
                ("Defendants", "Marcus BATES (14/03/1987); Ciaran DOYLE (02/09/1991)", 3),
                ("Anticipated plea", "Not guilty", 1),
            ],
            [("Officer in the case", "DC 2986 Rachel Nkemelu", 2), ("Prosecutor", "Priya Shah", 1)],
        ]
    )
    p.numbered(SUMMARY, after=8)
    return p.save()


def opening(path: Path, seed: int) -> int:
    p = court(path, "Opening note for the prosecution")
    p.leading = 1.9
    words = [
        "Members of the jury, at half past one on a cold and moonlit morning a security officer called Keith Ramsden put his hand on a steel door and felt that it was locked. Two days before, he had been told that he was to lose his job. He went back to his gatehouse and made a cup of tea. By the time that he next saw that door it had a hole in it through which a man could crawl.",
        "This case is about who crawled through it.",
        "# The firm",
        *SUMMARY[1:3],
        "# A fault that nobody mended",
        "You will hear that the alarm had two ways of calling for help: a wire and a radio. The radio had been out of order since August. Cut the wire, and the alarm could shout as loud as it liked and nobody would hear. Nadia Feroz remembers an engineer, whom she knew as Ciaran, saying: 'if you kill the line first, the rest is just a noise in an empty room'.",
        "In a drawer in Ciaran Doyle's lock-up there was a red notebook, and in it the words 'kill the line first'.",
        "# The night, minute by minute",
        "I ask you to take up the sequence of events behind tab 4. We shall go through it slowly, and you may mark it.",
    ]
    p.numbered(words, after=10)
    p.table(["Time", "Event", "Exhibit"], story.TIMELINE, [56, 340, 50], size=10.5, pad=4)
    p.numbered(
        [
            "# Eight seconds",
            f"Look at {call('eight')}. The 617 phone rings Ciaran Doyle. The call lasts eight seconds. Both telephones are on the same face of the same mast. On the film, a man at the wall has a hand to his head, and so has a man at the gate. The line has been dead for three minutes. Three minutes later there are sparks. The Crown says that you may think that you know what was said in those eight seconds, though nobody has ever written it down.",
            "# Whose was the 617 phone?",
            "There are five strands. None would be enough by itself. Twisted together the Crown says that they hold. (1) The receipt for its first top-up was in Marcus Bates's house, in a magazine. (2) His bank card paid ten pounds in that shop on that day. (3) On a Sunday evening in October it rang Leanne Hobbs, and it was Marcus, asking her to put the oven on. (4) She saw a little black phone in the door of his car. (5) When it slept, it slept under the mast that serves his house.",
            "And when was it last used? At a quarter past nine on Saturday the 8th. That morning there was a smell of burning plastic from a wheelbarrow in the garden at 14 Cragside Terrace.",
            "# The telephone that did nothing",
            "You will also hear about a telephone that did nothing. Marcus Bates's own telephone lay on the kitchen worktop from twenty to midnight until twelve minutes past seven. In three months it is the only night on which it did nothing at all. A man who leaves his telephone at home may have forgotten it. A man who turns off its data first has not.",
            "# A trip to the sea",
            *SUMMARY[19:20],
            "He had told the police: 'I've not been to Wales since I was a kid. Rhyl. I was sick on the dodgems.' There is on his telephone a photograph of a castle and the sea.",
            "# What each will say",
            "Ciaran Doyle says that a man called Daz made him do it. You must take that seriously. If it may be true that he acted because he reasonably believed that his sister would otherwise be badly hurt, and that a sober person of reasonable firmness would have done the same, and he could not have gone to the police, he is not guilty. The Crown will have to make you sure that it is not so. You may wish to ask why, on his account, his telephone was at Calder Lane when he was not, and who ordered a kebab to his flat.",
            "Marcus Bates says that he was in bed.",
            "# The burden of proof",
            "It is for the Crown to prove its case. Neither of these men has to prove anything. You will try each of them separately, on the evidence that concerns him. What one said in interview about the other, when the other was not there, is not evidence against the other: her Honour will direct you about that and you will follow what she says, not what I say.",
        ],
        start=8,
        after=10,
    )
    p.sign("Priya Shah", "Signed", "4 May 2026")
    p.text("Priya Shah, counsel for the prosecution")
    return p.save()


BASIS = [
    "Marcus Bates pleads guilty to count 2 on the following basis. He pleads not guilty to count 1.",
    "On Saturday 8 November 2025 he was approached outside the Old Dyehouse by a man whom he knows as Daz, to whom he owed money from betting. Daz gave him three watches and told him to sell them a long way from Leeds and to keep £500.",
    "He knew that they were stolen. He did not know where from.",
    "He chose Caernarfon because he had seen it on television. He used a driving licence in the name of Mark Bateson which Daz gave him. He sold the three watches for £2,350 and paid £1,850 into his account to draw out for Daz, which he then did not dare to do.",
    "He had no part in the burglary and was not there. He has never had the telephone 07700 900617.",
    "He accepts that what he said in interview about Wales was a lie. He told it because he was frightened of Daz and ashamed.",
]
BASIS_REPLY = [
    "The prosecution does not accept the basis of plea of Marcus Bates dated 16 March 2026.",
    "Paragraphs 2 and 5 are contradicted by the evidence on count 1. If he is convicted on count 1 the basis falls away. If he is acquitted the prosecution will invite the court to consider whether a hearing is needed.",
    "As to paragraph 4: £2,350 less £500 is £1,850, which is the sum paid in at 16:41 on 10 November 2025. To that extent the arithmetic agrees. The prosecution observes that £500 is a poor reward for a drive of 330 miles, and that nobody else has ever seen Daz.",
    "Paragraph 6 is accepted as an admission.",
]
DS_BATES = [
    "# Nature of the defence",
    "Mr Bates denies that he agreed with anybody to burgle Unit 7. He was at home in bed from about 23:45 on 6 November 2025 until he was rung at 07:12 on 7 November.",
    "# Matters of fact on which he takes issue",
    "He denies that the 617 phone was his. The receipt IS/2 was left in the house by a visitor. He thinks that this may have been Ciaran Doyle, who came to the house on 1 October 2025 at about half past four to mend a window lock.",
    "He accepts that the call to Leanne Hobbs on 19 October at 18:05:22 was made by him. He had borrowed a telephone from Ciaran Doyle in the car park of the Old Dyehouse because his own was flat. He did not say so in interview because he had forgotten.",
    "He denies that he came in at half past four. Leanne Hobbs is mistaken about the night. He was out with a friend's gearbox on the night of Wednesday 5 November.",
    "He accepts that he delivered to Unit 7 in 2023. He had forgotten. A driver makes a hundred and forty drops a day.",
    "He denies that he was at the fence on 28 October 2025. He was buying fish and chips at Stourton.",
    "He does not own a green hat.",
    "As to the glass: he handles parcels with broken glass in them. As to the footwear: 41,000 pairs were sold.",
    "# Points of law",
    "He will ask that the identification by Keith Ramsden be excluded under section 78 of the Police and Criminal Evidence Act 1984.",
    "# Alibi",
    f"Leanne Hobbs, of {story.BATES_HOME}. He has no other alibi witness.",
    "# Disclosure",
    "He asks for: the tower data of LDS-0508 for 01:30 to 03:30 on 7 November 2025; the intelligence on any person called Daz; the notes of PC Holroyd; the records of the two bus lane penalties of Mr Thackray.",
]
DS_DOYLE = [
    "# Natur yr amddiffyniad / Nature of the defence",
    "Mr Doyle accepts that he told a man whom he knows as Daz about the alarm at Unit 7, that he hired the van, and that he gave Daz the second key of Unit 12, Wellbeck Yard. He did so under duress. He did not agree with Marcus Bates to burgle anywhere. He was not at Calder Lane on the night of 6 to 7 November 2025.",
    "Nid oedd Mr Doyle yn bresennol ar y noson. Roedd wedi rhoi benthyg ei ffôn i ŵr o'r enw Daz ac fe'i cafodd yn ôl drwy'r blwch llythyrau fore trannoeth. (Mr Doyle was not present on the night. He had lent his telephone to a man called Daz and had it back through the letter box the next morning.)",
    "# The threats",
    "Between 12 and 30 October 2025 Daz threatened that Mr Doyle's sister would 'have a fall'. The eleven messages at part 4 of RD/2 are those threats and his answers. He believed them. He did not go to the police because Daz told him that he had 'a friend in the office'.",
    "# Matters of fact on which he takes issue",
    "The notebook JC/1 is his. The writing on the eleventh page is his. He wrote down what Daz told him. 'M' is Marcus Bates: Daz said that Marcus would bring the ladders.",
    "The glove PW/5 is from a pair that was in his tool bag, which was in the van.",
    "The watches JC/2, the cash JC/4 and the plates JC/5 were put in Unit 12 by others. The grinder JC/3 is his.",
    "The sums of £940, £960 and £985 which he paid into his bank were for work: the locks of a student house in Headingley. He has no invoices.",
    "He accepts that what he said about his sister's furniture was untrue.",
    "# Points of law",
    "He will rely on duress of threats. He will object to count 3 as the prosecution puts it.",
    "# Disclosure",
    "He asks for all that the police hold on the user of 07700 900905, and the house-to-house forms for Wellbeck Yard.",
]
ADMISSIONS = [
    "The following facts are agreed between the prosecution and both defendants under section 10 of the Criminal Justice Act 1967.",
    f"On 7 November 2025 {story.WATCHES_TAKEN} watches and 38 trays of jewellery were stolen from {story.UNIT}. They belonged to Harland & Pike Ltd. They were worth {story.LOSS} at trade price.",
    "The call data in HM/2 to HM/6 is accurate, and the times in it are right.",
    f"{DOYLE} was the number of an iPhone that belonged to Ciaran Doyle. {story.BATES} was the number of a Samsung telephone that belonged to Marcus Bates.",
    f"{BURNER} and {THIRD} were not registered to anybody.",
    "The clock of the CCTV recorder at Unit 7 was right.",
    f"The ANPR readings in DS/1 are accurate. The vehicle read as {story.PLATE} in Leeds on 6 and 7 November 2025 was not the vehicle of Alan Thackray.",
    "The seventeen watches JC/2 and SL/2 are watches stolen on 7 November 2025.",
    "No recording exists of what was said in any of the telephone calls.",
]
ORDER = [
    "UPON hearing counsel for the prosecution and for each defendant at a plea and trial preparation hearing on 9 February 2026, and UPON Marcus Bates pleading not guilty to counts 1 and 2 and Ciaran Doyle pleading not guilty to counts 1 and 3,",
    "IT IS ORDERED THAT:",
    "The trial is fixed for 14 September 2026 with an estimate of 12 days. There is to be a pre-trial review on 18 May 2026 at 10:30.",
    "The prosecution shall serve any further evidence, and its disclosure under section 3 of the Criminal Procedure and Investigations Act 1996, by 2 March 2026.",
    "The defendants shall serve defence statements by 30 March 2026.",
    "Any application for special measures, to adduce bad character or hearsay shall be made by 13 April 2026 and answered by 27 April 2026.",
    "The evidence of Siân Llŷr and Eifion Rowlands may be given in Welsh. HMCTS shall arrange an interpreter between Welsh and English. Their statements shall be served in Welsh and in English.",
    "The prosecution shall serve a jury bundle of not more than 40 pages, agreed if it can be, by 11 May 2026.",
    "Any party who says that a page of the bundle should not be seen by a co-defendant shall say so in writing before it is uploaded.",
    "Both defendants are admitted to bail on the conditions in section V.",
]
BAD_CHARACTER = [
    "The prosecution applies to adduce evidence of the bad character of Marcus Bates, namely a conviction on 11 June 2014 in the Crown Court at Bradford for burglary of a building other than a dwelling.",
    "The facts were that he and another cut the shutter of a builders' merchant at night with a disc cutter and took copper pipe. They used a hired van. He pleaded guilty on the day of trial.",
    "The prosecution relies on gateway (d), section 101(1)(d) of the Criminal Justice Act 2003: it is relevant to an important matter in issue, namely whether he has a propensity to commit offences of the kind with which he is charged. The conviction, though single and eleven years old, shows a particular way of working: night, a shutter, a disc, a hired van and a companion.",
    "In the alternative the prosecution relies on gateway (g), because in interview he said of Ciaran Doyle: 'You'd have to ask the landlord', which with what went before was an attack on another's character. This is put no higher than that.",
    "The prosecution does not apply to adduce his other convictions.",
    "Evidence is proposed in the form of an agreed summary, to be read at the end of the prosecution case.",
]
BAD_REPLY = [
    "Mr Bates opposes the application of 10 April 2026.",
    "One conviction, when he was twenty-seven, does not make a propensity. A hired van and a disc are what anybody would use who wished to get through a shutter.",
    "The prosecution's gateway (g) is not seriously arguable. To say that one must ask a landlord about the darts is not an attack on anybody.",
    "If the conviction were admitted the jury would be bound to give it more than its due, and the court should exclude it under section 101(3).",
]
SPECIAL = [
    "The prosecution applies under section 19 of the Youth Justice and Criminal Evidence Act 1999 for special measures for Leanne Hobbs, namely that she give her evidence from behind a screen (section 23).",
    "She is eligible under section 17, because the quality of her evidence is likely to be diminished by fear. She has had a message from an unknown number: 'Think of the little one, nobody likes a grass'.",
    "She is the mother of the child of one defendant. She lives three streets from his mother. She has asked for a screen and not for a live link, because she says that she wants the jury to see her.",
    "For Siân Llŷr the prosecution does not apply for special measures. She wishes to give her evidence in Welsh, which is provided for by the order of 9 February 2026.",
]
HEARSAY = [
    "The prosecution gives notice that it wishes to adduce hearsay evidence, namely the note on the hire agreement GK/1: 'Booked by phone 10.12 from 07700 900617, Leeds lad, mate to bring licence. Wanted nothing written on it.'",
    "The prosecution relies on section 117 of the Criminal Justice Act 2003 (business documents) and, for what the caller said, on section 118 (common enterprise).",
    "It also wishes to adduce the text of 04:02:30 on 7 November 2025 (RD/2) against both defendants, on the ground that it was sent in furtherance of the common purpose.",
    "The defendants have been told that what each said in interview about the other will not be relied on against that other.",
]
SECTION8 = [
    "Mr Doyle applies under section 8 of the Criminal Procedure and Investigations Act 1996 for disclosure of material held by the prosecution about the user of 07700 900905.",
    "His defence is duress. The case is that he was threatened by a man called Daz. The prosecution will say that there is no Daz. Item 31 of the schedule is described as 'Intelligence report'. Nothing more is said of it.",
    "If there is within that item any reference to a person who lends money in Armley or Kirkstall and who is known as Daz or Darren, it is capable of undermining the case for the prosecution or of assisting the case for the accused.",
    "The prosecution replied on 20 April 2026 that the item 'does not meet the test'. The court is asked to look at it.",
]


def custody(
    who: str,
    born: str,
    number: str,
    begin: datetime,
    entries: Sequence[tuple[int, str]],
    officer: str,
    reason: str,
) -> Callable[[Path, int], int]:
    """A custody record: the front sheet, rights, property, and the log, `entries` being (minutes after arrival, words)."""

    def build(path: Path, seed: int) -> int:
        rnd = random.Random(f"custody {who} {seed}")
        p = police_form(path, "CUST 1", f"CUSTODY RECORD {number}", name=f"Custody record {who}")
        p.form(
            [
                [
                    ("Surname", who.split()[1].upper(), 1),
                    ("Forenames", who.split(maxsplit=1)[0], 1),
                    ("Date of birth", born, 1),
                    ("Custody number", number, 1),
                ],
                [
                    ("Arrested at", f"{begin - timedelta(minutes=33):%d/%m/%Y %H:%M}", 1),
                    ("Arrived at", f"{begin:%d/%m/%Y %H:%M}", 1),
                    ("Detention authorised", f"{begin + timedelta(minutes=11):%d/%m/%Y %H:%M}", 1),
                    ("Arresting officer", officer, 1.2),
                ],
                [
                    ("Address", story.BATES_HOME if "Bates" in who else story.DOYLE_HOME, 2),
                    ("Occupation", "Driver" if "Bates" in who else "Locksmith", 1),
                ],
                [("Offence", "Burglary, Unit 7, Calder Lane Trade Park, 07/11/2025", 1)],
                [("Reason for arrest", reason, 1)],
                [
                    ("Station", "Hunslet Road Custody Suite", 1),
                    ("Custody officer", "PS 1188 Gail Thorne", 1),
                    ("Relief", "PS 2043 Amar Bhogal", 1),
                ],
            ]
        )
        p.heading("Rights", 12)
        for text in (
            "To have someone told of his arrest: exercised",
            "To free and independent legal advice: exercised",
            "To read the Codes of Practice: declined",
            "Notice of rights and entitlements given in writing",
        ):
            p.tick(text, True)
        p.tick("Interpreter required", False)
        p.sign(who, "Signature of detained person", f"{begin + timedelta(minutes=14):%d/%m/%Y %H:%M}")
        p.heading("Risk assessment", 12)
        p.table(
            ["Question", "Answer"],
            [
                ("How do you feel in yourself now?", "Tired" if "Bates" in who else "Scared"),
                ("Any illness or injury?", "No" if "Bates" in who else "Asthma; inhaler with him"),
                ("Any medicine?", "No" if "Bates" in who else "Blue inhaler as needed"),
                ("Have you ever tried to harm yourself?", "No"),
                ("Would you like to speak to a nurse?", "No" if "Bates" in who else "Yes"),
                ("Has he had alcohol or drugs?", "Two cans the night before" if "Bates" in who else "None"),
                ("Observations", "Level 1, every hour" if "Bates" in who else "Level 2, every 30 minutes"),
            ],
            [220, 270],
            size=9.5,
            pad=4,
        )
        p.heading("Property", 12)
        items = (
            [
                ("Wallet, brown, with cards", "Kept"),
                ("Cash £31.40", "Kept"),
                ("Keys, 4 on ring", "Kept"),
                ("Belt", "Kept"),
                ("Tobacco and papers", "Kept"),
            ]
            if "Bates" in who
            else [
                ("Wallet, black", "Kept"),
                ("Cash £12.05", "Kept"),
                ("Key on ring, tag '12'", "Seized, PC 3307 Cutler"),
                ("Inhaler", "Left with him"),
                ("Rosary", "Left with him"),
            ]
        )
        p.table(["Item", "What was done"], items, [300, 190], size=9.5, pad=4)
        p.next()
        p.heading("Log of events", 12)
        rows = [(begin + timedelta(minutes=m), t) for m, t in entries]
        deck = Deck(
            rnd,
            [
                "Visited in cell. Asleep on back, breathing seen.",
                "Visited in cell. Awake, lying on bench. No complaint.",
                "Visited. Asked for the time and was told.",
                "Visited in cell. Sitting. Offered a drink, which he took.",
                "Visited. Reading. All in order.",
                "Visited in cell. Awake. Asked how long it would be.",
                "Visited. Asleep on left side, breathing seen.",
                "Visited. Offered a blanket, declined.",
            ],
        )
        at = begin + timedelta(minutes=45)
        busy = [r[0] for r in rows]
        while at < rows[-1][0]:
            if all(abs((at - b).total_seconds()) > 500 for b in busy):
                rows.append((at, deck.deal()))
            at += timedelta(minutes=30 if "Doyle" in who else 40, seconds=rnd.randint(0, 400))
        rows.sort()
        staff = ["PS 1188 Thorne", "DO 7714 Mbeki", "DO 7702 Pratt", "PS 2043 Bhogal"]
        p.table(
            ["Date and time", "Event", "By"],
            [
                (
                    f"{a:%d/%m/%Y %H:%M}",
                    t,
                    staff[0] if "uthoris" in t or "eview" in t else rnd.choice(staff[1:3]),
                )
                for a, t in rows
            ],
            [90, 320, 90],
            size=9.5,
            pad=5,
        )
        return p.save()

    return build


CUSTODY_B = [
    (0, "Brought in by DC 2986 Nkemelu. Compliant."),
    (11, "Detention authorised to secure and preserve evidence and to obtain evidence by questioning."),
    (16, "Asks for a solicitor: Quayle & Brooke. Call centre told."),
    (24, "Partner to be told of arrest. DP says 'She was there, she knows.'"),
    (52, "Breakfast: all day, beans. Tea."),
    (75, "Photograph, finger marks and DNA taken."),
    (160, "Ms Quayle telephones. Speaks to DP in private, 9 minutes."),
    (242, "Ms Quayle arrives. Disclosure given by DC Nkemelu."),
    (250, "Consultation in private begins."),
    (330, "Consultation ends. Meal: cottage pie."),
    (
        360,
        "Review by Insp 602 Farrow. Detention to continue. Representations by Ms Quayle noted: none as to the need for it, but she asks that it be quick.",
    ),
    (408, "To interview room 2 with DC Nkemelu and DC Arkwright."),
    (455, "Back for a break. Tea, two sugars."),
    (471, "To interview."),
    (515, "Break. Smokes in yard, with escort."),
    (529, "To interview."),
    (583, "Break. Water."),
    (598, "To interview."),
    (667, "Back from interview."),
    (
        690,
        "DP says to DO Pratt without being asked: 'What's the sentence if you only shifted it?' DO Pratt makes no reply and tells the custody officer. DC Nkemelu told. DP refuses to sign an entry of it.",
    ),
    (720, "Review by Insp 602 Farrow."),
    (
        751,
        "Bailed to return 9 January 2026. Conditions: to live and sleep at home; not to speak to Ciaran Doyle. Property given back save IS/1 to IS/4 and RN/1.",
    ),
]
CUSTODY_D = [
    (0, "Brought in by DC 1745 Arkwright. Whistling. Compliant."),
    (11, "Detention authorised to obtain evidence by questioning."),
    (15, "Asks for a Welsh-speaking solicitor. Tudur Parry told."),
    (22, "Sister, Aoife Doyle, to be told. She is rung at 08:02 and cries."),
    (60, "Nurse sees him. Fit to be detained and interviewed. Inhaler to stay with him."),
    (85, "Photograph, finger marks and DNA taken."),
    (190, "Will not eat. Takes water."),
    (300, "Mr Tudur arrives from Wrexham. Disclosure given."),
    (310, "Consultation in private begins."),
    (360, "Review by Insp 602 Farrow. Detention to continue."),
    (442, "Consultation ends."),
    (450, "To interview room 1."),
    (494, "Break. Takes a biscuit."),
    (512, "To interview."),
    (549, "Break. Uses inhaler."),
    (562, "To interview."),
    (595, "Back from interview."),
    (
        610,
        "Says to DO Mbeki: 'Is my sister all right? Will somebody go and see?' DC Nkemelu told; a car is sent. 18:31: she is well.",
    ),
    (
        660,
        "Bailed to return 9 January 2026. Conditions: to live and sleep at home; not to speak to Marcus Bates; not to go to Wellbeck Yard.",
    ),
]


def search_record(
    place: str,
    officer: str,
    begin: str,
    end: str,
    date: str,
    power: str,
    rooms: Sequence[tuple[str, str, str]],
    rotate: int = 0,
) -> Callable[[Path, int], int]:
    def build(path: Path, seed: int) -> int:
        p = police_form(path, "SR 2", "PREMISES SEARCH RECORD", name="Premises search record", rotate=rotate)
        p.form(
            [
                [("Address", place, 2), ("Date", date, 1)],
                [("Power", power, 2), ("Began", begin, 0.6), ("Ended", end, 0.6)],
                [
                    ("Officer in charge of the search", officer, 1),
                    ("Others", "PC 5120 Sadiq; DC 1745 Arkwright; DO 3310 Webb", 1.4),
                ],
            ]
        )
        for text, on in (
            ("Occupier present", True),
            ("Notice of powers and rights given", True),
            ("Force used to enter", False),
            ("Damage caused", False),
            ("Camera worn and recording", True),
        ):
            p.tick(text, on)
        p.space(6)
        p.table(["Room", "Searched by", "What was found"], rooms, [110, 110, 290], size=10, pad=6)
        p.sign(officer.split(" ", 2)[-1], "Officer", date)
        p.sign(
            "Marcus Bates"
            if "Cragside" in place
            else "Ciaran Doyle"
            if "Fenton" in place
            else "Derek Oldroyd",
            "Occupier",
            date,
        )
        return p.save()

    return build


ROOMS_B = [
    ("Hall", "PC Sadiq", "Nothing"),
    (
        "Living room",
        "DO Webb",
        "Nothing. Photographs of the family on the wall; in one a man wears a hat, but it is too small to tell its colour",
    ),
    ("Kitchen", "DC Nkemelu", "Samsung telephone on charge: RN/1"),
    ("Back door, rack", "PC Sadiq", "Trainers, damp: IS/1"),
    ("Downstairs lavatory", "PC Sadiq", "Top-up receipt in a motoring magazine: IS/2"),
    ("Airing cupboard", "PC Sadiq", "Navy hooded jumper: IS/3"),
    ("Bedroom 1", "DC Nkemelu", "Nothing"),
    ("Bedroom 2 (child)", "DO Webb", "£2,140 in a wellington boot: IS/4"),
    ("Garden", "PC Sadiq", "Wheelbarrow with burnt matter. Photographed (PW/1, 39). Not seized"),
    ("Golf on drive", "PC Sadiq", "Empty box for a Nokia telephone. Photographed (PW/1, 38). Not seized"),
]
ROOMS_D = [
    ("Hall", "PC Cutler", "Key on a ring with a tag '12'"),
    ("Living room", "PC Sadiq", "Nothing"),
    ("Kitchen", "PC Cutler", "Letter from Wharfe Alarm Services about a tool bag. Not seized"),
    ("Bedroom", "PC Cutler", "iPhone handed over by the occupier: JC/6"),
    ("Bathroom", "PC Sadiq", "Nothing"),
]
ROOMS_L = [
    ("Workbench, drawer", "PC Cutler", "Red spiral notebook: JC/1"),
    ("Behind bicycle", "PC Cutler", "Blue holdall with fourteen watches: JC/2"),
    ("Shelf", "PC Sadiq", "Angle grinder, 125 mm, no disc: JC/3"),
    ("Under loose slab", "PC Cutler", "Biscuit tin with £11,200: JC/4"),
    ("Behind door", "DC Arkwright", "Number plates YJ68 KHV: JC/5"),
    ("Roof space", "DO Webb", "Ladders. Not seized"),
    ("Floor", "PC Cutler", "Swept. Broom in corner"),
]


def pnc(
    who: str, born: str, number: str, rows: Sequence[tuple[str, str, str, str]]
) -> Callable[[Path, int], int]:
    """A print of previous convictions: (date, court, offence, sentence)."""

    def build(path: Path, seed: int) -> int:
        p = police_form(
            path,
            "MG16",
            "RECORD OF PREVIOUS CONVICTIONS",
            "RESTRICTED: FOR THE COURT, THE PROSECUTION AND THIS DEFENDANT",
            name=f"Previous convictions {who}",
        )
        p.font = "mono"
        p.text_size = 8.8
        for line in (
            f"PRINT OF RECORD        PNC ID: {number}",
            f"NAME: {who.upper()}      DOB: {born}",
            "PRINTED: 12/01/2026 09:14   FOR: DC 2986 NKEMELU",
            "",
            f"SUMMARY: {len({r[0] for r in rows})} CONVICTION(S)  {len(rows)} OFFENCE(S)   FIRST {rows[0][0] if rows else '-'}  LAST {rows[-1][0] if rows else '-'}",
        ):
            p.text(line, after=2)
        p.space(8)
        for n, (date, where, offence, sentence) in enumerate(rows, 1):
            p.need(90)
            p.rule(10, grey=0.5)
            p.text(f"{n:>2}.  {date}   {where}", after=3, font="mono-b")
            for label, value in (("OFFENCE", offence), ("PLEA", "GUILTY"), ("RESULT", sentence)):
                p.put(p.left + 24, p.y - 9, label, "mono", 8.5)
                p.text(value, indent=90, after=2)
            p.space(6)
        p.rule(10, grey=0.5)
        p.text("** END OF PRINT **", after=4)
        return p.save()

    return build


PNC_B = [
    (
        "14/03/2005",
        "LEEDS YOUTH COURT",
        "TAKING A MOTOR VEHICLE WITHOUT CONSENT, THEFT ACT 1968 S.12",
        "REFERRAL ORDER 6 MONTHS",
    ),
    ("02/08/2007", "LEEDS MAGISTRATES", "CRIMINAL DAMAGE UNDER £5,000", "FINE £120, COMPENSATION £85"),
    ("19/11/2009", "LEEDS MAGISTRATES", "THEFT FROM A SHOP", "CONDITIONAL DISCHARGE 12 MONTHS"),
    (
        "11/06/2014",
        "BRADFORD CROWN COURT",
        "BURGLARY OTHER THAN A DWELLING, THEFT ACT 1968 S.9(1)(B). DISC CUTTER, SHUTTER, HIRED VAN",
        "IMPRISONMENT 14 MONTHS SUSPENDED 24 MONTHS; UNPAID WORK 180 HOURS",
    ),
    ("27/01/2018", "LEEDS MAGISTRATES", "DRIVING WITH EXCESS ALCOHOL", "DISQUALIFIED 14 MONTHS; FINE £310"),
]
PNC_D = [("08/10/2016", "WREXHAM MAGISTRATES", "POSSESSION OF A CONTROLLED DRUG OF CLASS B", "FINE £90")]

PSR = [
    "# The offence",
    "I saw Mr Bates at the office on 22 April 2026 and at home on 29 April. He has pleaded guilty to nothing but count 2, on a basis, and I was asked for a report on that count alone.",
    "He says that he sold the three watches for a man of whom he is afraid. He became tearful. He said: 'I did it for five hundred quid and I've lost my family for it.'",
    "# Circumstances",
    "Mr Bates was born in Beeston, the third of four. His father left when he was nine. He did not do well at school and was found at twenty-two to be dyslexic. He has worked without a break since he was nineteen.",
    "Since December 2025 Ms Hobbs and their daughter have lived with her sister. He sees his daughter on Saturdays at a centre. He says that he bears Ms Hobbs no ill will: 'She told it how she saw it.'",
    "# Gambling",
    "He began to bet on his telephone in 2022. At his worst he lost £1,900 in a month. He has twice excluded himself and twice come back. He went to a meeting for the first time on 4 March 2026 and has been to six since. The bank statements bear out what he says.",
    "# Health",
    "He takes sertraline, 50 mg, from his general practitioner. There is no thought of self-harm now; in January there was, and he was seen within the day.",
    "# Risk",
    "I assess the likelihood of further offences as medium and the risk of serious harm to the public as low. The risk to Ms Hobbs from Mr Bates himself I assess as low. I cannot speak of others.",
    "# Proposal",
    "Should the court be of the view that it may suspend a sentence or make a community order, I propose 120 hours of unpaid work and 25 days of rehabilitation activity, with work on gambling. If he is convicted on count 1 I recognise that this will not be enough.",
]
IMPACT = [
    "I make this statement for Harland & Pike Ltd, to tell the court what the burglary has done to us.",
    "Eleven days before it we had taken on two apprentices. In January we had to let them go. The insurers have paid nothing. We have borrowed £300,000 against the building my grandfather bought.",
    "We lost the Christmas orders of forty shops. Nine of them have gone elsewhere and have not come back.",
    "Nadia Feroz has not slept well. She asks herself whether she told too many people about the radio. I have told her that it was not her fault. I should have paid for the part in August.",
    "Among the trays was a ring that was not stock. It was my grandmother's and was in for cleaning. It is on no schedule. If anybody knows where it is, I should like it back.",
]
PROOF_B = [
    "I, Marcus Bates, will say as follows. This is for my own solicitor and barrister and for nobody else.",
    "I want it written down that the oven call was me. I told Harriet it wasn't and I told the police it wasn't, and it was. I'd borrowed the phone. I'm sticking to that.",
    "Ciaran came round on the 1st of October. He did do the window lock. He did go to the toilet. Whether he left a receipt there I can't say but somebody did.",
    "The green hat. Leanne's mum did knit it. I left it on the bus in the summer. I shouldn't have said I'd never had one, but I panicked when they asked me about it before anything else.",
    "Daz is real. I don't know his other name. He drinks in the Old Dyehouse on a Tuesday. He has a tattoo of a swallow on his neck. I am not saying that in court.",
    "I do not want Leanne called a liar. I want Mr Okafor to say that she's mixed up the nights. The gearbox was the Wednesday, which is bonfire night, and I'd have smelt of it.",
    "About the conviction in 2014: that was my cousin's idea, and it was his van.",
]
CONF_B = [
    "Conference at chambers, 24 April 2026. Present: Daniel Okafor, Harriet Quayle, the client. One hour and fifty minutes.",
    "Advised on credit for plea on count 1 at this stage, and what is left of it on the day. Advised on the strength of the telephone evidence. Client says that he understands and that his instructions are as in his proof.",
    "Advised that if he gives evidence he will be asked about the castle. Client: 'It's a nice castle.'",
    "Cell site: instruct our own expert? The point about Dewsbury Road may be worth having. The tower data is in UND2: look whether 617 is on Stourton at any time.",
    "Cut-throat: expect that Doyle will put it that M in the notebook is our man. Do we ask for separate trials? Not thought to be arguable.",
    "Ramsden: the change from the Thursday to the Tuesday. The log is KR/1. The entry for the 28th says that it was at 21:30 and that he had come early, when the sheet says 'on 21.45'. Cross-examine gently.",
    "Actions: HQ to ask Aire Parcels for the rounds of 2023; DO to draft section 78 argument.",
]
NOTE_D = [
    "Nodyn presenoldeb. Cynhadledd gyda'r cleient, Ciaran Doyle, 17 Ebrill 2026. Yn bresennol: Mari Llwyd, Owain Tudur, y cleient. Iaith: Cymraeg a Saesneg.",
    "Mae'r cleient yn dal i ddweud nad oedd yno. Eglurais fod tystiolaeth y mast yn gryf ac nad yw ond yn dangos ble roedd y ffôn. Gofynnais pwy archebodd y cebab. Dywedodd: 'Fi, o ffôn y gegin, ar liniadur fy chwaer.' Rhaid gwirio hyn.",
    "Gorfodaeth: un ar ddeg o negeseuon yn RD/2, rhan 4. Mae'r neges am y chwaer yn cael 'cwymp' yn hollbwysig. Pam nad aeth at yr heddlu? Ateb: 'Mae ganddo ffrind yn y swyddfa.'",
    "Y llyfr nodiadau coch: mae'n derbyn mai ei lawysgrifen ef yw hi. Bydd yn dweud mai Marcus yw M. Eglurais y canlyniadau: bydd Mr Okafor yn ymosod arno.",
    "Y chwibanu: mae tri thyst yn sôn amdano. Dylid ystyried a yw'n dystiolaeth adnabod o gwbl. Ŵyr neb pa dôn oedd hi i sicrwydd.",
    "Iaith: hoffai roi ei dystiolaeth yn Saesneg ond tyngu'r llw yn Gymraeg. Ysgrifennu at y llys.",
    "Camau: OT i holi'r cwmni cebab; ML i ddrafftio'r cais adran 8; cael adroddiad meddygol am yr asthma a'r diffyg cwsg.",
]
PROOF_D = [
    "I, Ciaran Doyle, will say as follows. For Mr Tudur and Ms Llwyd only.",
    "I borrowed £1,500 from Daz in June for the deposit on the van I never bought. By October it was four thousand. I do not know how. He kept it in his head.",
    "I did talk about the alarm. I was showing off. It was darts night and I said that the place was a shed with a wire in it. Marcus was there. So was Daz. I have gone over it every night since.",
    "I went to look at the place with Marcus on the Tuesday. That was me with the bag. I have not told the police that and I know that it does not help me. I was told to go.",
    "I was at home on the night. I had the telly on. I could hear next door's baby. I gave the phone up at six and had it back through the door with the dew on it.",
    "I whistle. I have always whistled. So does half of Leeds.",
]
JUDGE_NOTE = [
    "Note for any judge who has the case after me.",
    "On 18 May 2026 I heard the prosecution without the defendants, on notice to them, on an application for a ruling about item 31 of the schedule. I have ruled. The ruling is sealed and is not in this system, nor is the material: nothing of that kind has any home here.",
    "The position is to be kept under review, above all if Mr Doyle gives evidence of threats. The prosecution has been told so.",
    "I have told counsel that I should be slow to grant separate trials. I have not decided the application under section 78.",
    "The Welsh interpreter is booked for 16 and 17 September. Mr Doyle may take the oath in Welsh.",
]

UNUSED = [
    ("Crime report 13251104412", "Incident log, 7 November 2025", "CND"),
    ("House-to-house forms, Calder Lane and towpath (22)", "No witness of use; two heard a motorcycle", "D"),
    ("House-to-house forms, Wellbeck Yard (9)", "Asked for by Doyle", "D"),
    ("Notebook of PC Holroyd, pp. 41 to 48", "First account of Ramsden at 06:20", "D"),
    ("Notebook of PC Sadiq", "Agrees with statement", "ND"),
    ("Scene log, Unit 7", "Kept by PC Holroyd and CSI Whitworth", "ND"),
    ("Tower data, LDS-0508, 01:30 to 03:30", "Asked for by Bates", "D"),
    ("Draft statement of Nadia Feroz", "Superseded", "ND"),
    ("Penalty notices, YJ68 KHV, 14 and 21 October 2025", "With photographs", "D"),
    ("E-mails between Wharfe and Harland & Pike, August to October 2025", "Radio unit", "D"),
    ("Identification: records of both films", "VIPER 20251202-14", "D"),
    ("CCTV, petrol station, Calder Lane", "Camera did not record; manager's e-mail", "D"),
    ("Valhalla Bet, account of Bates", "Losses £7,412 in 2025", "D"),
    ("Subscriber check, 07700 900905", "Not registered", "D"),
    ("Gate record, Wellbeck Yard", "Codes by unit, 1 to 30 November", "D"),
    ("Kebab order, 6 November 2025, 20:15", "To 5 Fenton Row; paid in cash at the door", "D"),
    ("Aire Parcels, sickness record of Bates", "7 November: rang in 07:41", "D"),
    ("Finger marks, Unit 7", "Eleven lifts; none of value", "ND"),
    ("Boot lid of Golf, tapings", "Negative", "D"),
    ("Wheelbarrow, photographs", "See PW/1, 39", "ND"),
    ("Letters, Harland & Pike to insurers", "", "ND"),
    ("Personnel file of Keith Ramsden", "Notice of dismissal 4 November 2025", "D"),
    ("Previous convictions of witnesses", "Ramsden: one, 1998, drunk and disorderly", "D"),
    ("Press release and appeal", "12 November 2025", "ND"),
    ("Calls to the appeal (31)", "Index; two name a 'Darren'", "D"),
    ("Training record of examiner", "R Deakin", "ND"),
    ("Working papers, Dr Tring", "Open to inspection at his office", "D"),
    ("Bank statements, L Hobbs", "Christmas club", "ND"),
    ("Message to L Hobbs, 12 January 2026", "'Think of the little one'", "D"),
    ("Phone of L Hobbs, photographs", "", "D"),
    ("Intelligence report", "Does not meet the test", "CND"),
    ("Correspondence with North Wales Police", "Welsh and English", "ND"),
    ("Round sheets of Aire Parcels Ltd, February to May 2023", "Van AP 27, driver Bates", "D"),
    ("Patrol tags, Aire Guarding Ltd, 1 September to 7 November 2025", "Reader 2207", "D"),
]


def schedule(path: Path, seed: int) -> int:
    p = police_form(
        path, "MG6C", "SCHEDULE OF RELEVANT NON-SENSITIVE UNUSED MATERIAL", size=A4L, text_size=9.5
    )
    p.form(
        [
            [
                ("R v", "Marcus BATES and Ciaran DOYLE", 2),
                ("Disclosure officer", "DC 1745 Arkwright", 1),
                ("Date", "26 February 2026", 1),
                ("Reviewed by", "Priya Shah", 1),
            ]
        ]
    )
    p.text(
        "D: disclosed to the defence. ND: not disclosed; does not meet the test. CND: clearly not disclosable. The description is meant to be enough for the prosecutor to decide; if it is not, ask."
    )
    rnd = random.Random(f"schedule {seed}")
    p.table(
        ["Item", "Description", "Detail", "Where it is", "Decision", "Comment of prosecutor"],
        [
            (
                str(i),
                a,
                b,
                f"Store {rnd.choice('ABCD')}{rnd.randint(1, 40)}",
                c,
                {
                    "D": "May assist or undermine. Disclosed in UND2",
                    "ND": "Seen. Neither undermines nor assists",
                    "CND": "Not disclosable",
                }[c],
            )
            for i, (a, b, c) in enumerate(UNUSED, 1)
        ],
        [28, 210, 190, 60, 46, 170],
        size=9,
        pad=5,
    )
    p.sign("Stephen Arkwright", "Disclosure officer", "26 February 2026")
    return p.save()


def disclosure_document(path: Path, seed: int) -> int:
    p = court(path, "Disclosure management document")
    p.leading = 1.6
    p.numbered(
        [
            "This document says what lines of enquiry were followed, what electronic material was seized and how it was searched. It is a public document in the case and the judge may see it.",
            "# Telephones",
            "Two handsets were seized and copied whole. They were searched with 46 words, which are in the schedule below. Messages between Mr Bates and his solicitor were taken out before anybody read them.",
            "Call data was obtained for five numbers. Tower data was obtained for LDS-0508 alone. The prosecution was asked whether tower data was obtained for Stourton. It was not, and the networks have not kept it.",
            "# CCTV",
            "Eleven systems were looked for. Three had something. The petrol station's had not recorded since September.",
            "# Third parties",
            "Wharfe Alarm Services Ltd, Aire Parcels Ltd, Aire Guarding Ltd and Valhalla Bet gave what was asked for. The insurers declined, and the prosecution does not think that what they hold is relevant.",
            "# Words searched for",
            "alarm; angle; Bateson; bin; boiler; Caernarfon; Calder; castle; cash; cut; Daz; Darren; disc; dog; fence; Feroz; glove; grinder; Harland; hat; holdall; job; key; Kirk; ladder; line; lock-up; Lomax; moon; Pike; plates; radio; Ramsden; shutter; sofa; sock; tin; top-up; Transit; Tŷ Aur; unit; van; watch; Wellbeck; Wharfe; yard.",
        ]
    )
    p.sign("Priya Shah", "Signed", "27 February 2026")
    return p.save()


def incident(path: Path, seed: int) -> int:
    """UND2: the log of the incident, every message of it."""
    rnd = random.Random(f"incident {seed}")
    p = police_form(path, "LOG", "INCIDENT LOG 0214 of 07/11/2025", text_size=9)
    p.font = "mono"
    start = datetime.fromisoformat("2025-11-07T06:02:41")
    first = [
        (
            0,
            "CALLER: KEITH RAMSDEN, SECURITY, 07700 900776. SHUTTER OF UNIT 7 CUT, NOBODY SEEN. HE IS AT NORTH GATE.",
        ),
        (1, "GRADE 1. UNIT ALLOCATED: PC 4471, PC 5120."),
        (14, "ON SCENE."),
        (
            18,
            "PC 4471: CALLER SAYS HE HEARD WHISTLING AT 'TWO OR QUARTER PAST', THOUGHT A DRUNK. ALSO TWO MEN LAST WEEK WITH A DOG.",
        ),
        (19, "PC 4471: CORRECTION, MEN SAID LOOKING FOR A DOG. NO DOG."),
        (22, "GOING IN TO CLEAR."),
        (29, "CLEAR. NOBODY INSIDE. SCENE CLOSED."),
        (33, "CSI REQUESTED. ETA 0800."),
        (46, "KEYHOLDER N FEROZ ON SCENE."),
        (58, "INSP: ANPR FOR WHITE VANS HUNSLET RD 0100 TO 0400 PLEASE."),
        (95, "ANPR: 14 WHITE VANS. LIST TO FOLLOW."),
        (123, "CSI 8112 ON SCENE. TAKES OVER."),
        (160, "MEMBER OF PUBLIC AT CORDON: HEARD MOTORBIKE ABOUT TWENTY PAST TWO. DETAILS TAKEN."),
        (202, "ANPR: YJ68 KHV FOUR READS. KEEPER HARROGATE. NORTH YORKS TO VISIT."),
        (255, "NORTH YORKS: VAN ON DRIVE, COVERED IN FROST, KEEPER IN BED WITH FLU. PLATES ON."),
        (256, "CLONE. CIRCULATE."),
    ]
    rows = [(start + timedelta(minutes=m, seconds=rnd.randint(0, 40)), t) for m, t in first]
    deck = Deck(
        rnd,
        [
            "CALL FROM PRESS. NO COMMENT, REFER TO MEDIA OFFICE.",
            "CORDON CHECK. ALL IN ORDER.",
            "STAFF OF UNIT 5 ASK WHEN THEY CAN GET TO THEIR VANS.",
            "REQUEST FOR UPDATE FROM DUTY INSPECTOR. NIL TO ADD.",
            "LOG NOTED BY CRIME DESK.",
            "RELIEF AT CORDON.",
            "CCTV CONTROL: STILL LOOKING.",
            "CALL FROM OWNER G PIKE. ADVISED.",
            "HOUSE TO HOUSE TEAM ON SCENE.",
            "TOWPATH SEARCHED UNIT 6 TO BRIDGE. NOTHING.",
            "SKIP SEARCHED. NOTHING.",
            "MESSAGE PASSED TO DC 2986.",
            "PETROL STATION: CAMERA DOES NOT RECORD. MANAGER TO E-MAIL.",
            "CALLER TO APPEAL GIVES NAME DARREN, NO SURNAME, OLD DYEHOUSE. PASSED TO CRIME DESK.",
            "DRIVER OF BAKERY VAN SEEN NOTHING.",
        ],
    )
    for _ in range(260):
        rows.append(
            (start + timedelta(minutes=rnd.randint(20, 6000), seconds=rnd.randint(0, 59)), deck.deal())
        )
    rows.sort()
    ops = ["OP 31", "OP 44", "OP 52", "PC 4471", "CRIME DESK"]
    p.table(
        ["Seq", "Date and time", "By", "Message"],
        [(str(i), f"{a:%d/%m %H:%M:%S}", rnd.choice(ops), t) for i, (a, t) in enumerate(rows, 1)],
        [34, 96, 70, 310],
        size=8.6,
        pad=5,
    )
    return p.save()


def tower(path: Path, seed: int) -> int:
    """UND2: every event on the mast at Calder Lane in two hours."""
    rnd = random.Random(f"tower {seed}")
    p = Paper(
        path,
        title="",
        font="mono",
        margins=(44, 54, 44, 44),
        late=footer("Unused item 7   Tower data LDS-0508   01:30 to 03:30, 07/11/2025"),
    )
    p.text("TOWER DATA   SITE LDS-0508 CALDER LANE   SECTORS 1 AND 3", size=10, font="mono-b")
    p.text(
        "07/11/2025 01:30:00 to 03:30:00. Every voice, text and data event. Disclosed to both defendants.",
        size=8.5,
    )
    begin = datetime.fromisoformat("2025-11-07T01:30:00")
    rows: list[tuple[datetime, str, str, str, int, str]] = []
    own = [f"07700 900{rnd.randint(0, 999):03d}" for _ in range(64)]
    own = [n for n in own if n not in story.NAMED]
    for _ in range(980):
        a = rnd.choice(own)
        at = begin + timedelta(seconds=rnd.randint(0, 7199))
        rows.append(
            (at, "Data", a, "internet", rnd.randint(3, 900), rnd.choice(["LDS-0508-1", "LDS-0508-3"]))
        )
    for _ in range(36):
        at = begin + timedelta(seconds=rnd.randint(0, 7199))
        rows.append(
            (
                at,
                rnd.choice(["SMS", "Voice"]),
                rnd.choice(own),
                f"0113 496 0{rnd.randint(100, 169)}",
                rnd.randint(4, 300),
                rnd.choice(["LDS-0508-1", "LDS-0508-3"]),
            )
        )
    for e in KEY_EVENTS.values():
        for number, cell in ((e.a, e.cell), (e.b, e.cell_b)):
            if cell.startswith("LDS-0508") and begin <= e.at <= begin + timedelta(hours=2):
                rows.append(
                    (
                        e.at,
                        e.kind + (" out" if number == e.a else " in"),
                        number,
                        e.b if number == e.a else e.a,
                        e.seconds,
                        cell,
                    )
                )
    rows.sort()
    p.table(
        ["Time", "Type", "Number", "Other", "Seconds", "Cell"],
        [(f"{a:%H:%M:%S}", k, n, o, str(s), c) for a, k, n, o, s, c in rows],
        [60, 66, 100, 100, 50, 90],
        size=8.6,
        pad=4.2,
    )
    return p.save()


def house_to_house(area: str, count: int, answers: Sequence[str]) -> Callable[[Path, int], int]:
    def build(path: Path, seed: int) -> int:
        rnd = random.Random(f"houses {area} {seed}")
        p = police_form(path, "H2H", f"HOUSE-TO-HOUSE: {area.upper()}", text_size=11, leading=1.6)
        deck = Deck(rnd, answers)
        first = [
            "Ann",
            "Joseph",
            "Priti",
            "Wendy",
            "Colin",
            "Maureen",
            "Tariq",
            "Elaine",
            "Shaun",
            "Gillian",
            "Pavel",
            "Bernard",
            "Olive",
            "Fatima",
            "Neil",
            "Carys",
            "Ivor",
            "Rose",
        ]
        last = [
            "Holroyd-Smith",
            "Whitaker",
            "Nowak",
            "Begum",
            "Armitage",
            "Sykes",
            "Lumb",
            "Oyelaran",
            "Greenhalgh",
            "Mistry",
            "Tordoff",
            "Haigh",
            "Brook",
            "Ellershaw",
            "Dyson",
            "Naylor",
            "Kaye",
        ]
        for n in range(count):
            if n:
                p.next()
                p.space(4)
            at = datetime.fromisoformat("2025-11-07T13:00:00") + timedelta(minutes=9 * n)
            p.form(
                [
                    [
                        ("Form", str(n + 1), 0.5),
                        ("Date and time", f"{at:%d/%m/%Y %H:%M}", 1),
                        ("Officer", rnd.choice(["PC 5120 Sadiq", "PCSO 9117 Marsh", "PCSO 9125 Deol"]), 1.2),
                    ],
                    [
                        ("Name", f"{rnd.choice(first)} {rnd.choice(last)}", 1),
                        ("Born", str(rnd.randint(1941, 2004)), 0.5),
                        ("Address", f"{rnd.randint(1, 60)} {area}", 1.4),
                    ],
                    [
                        ("Telephone", f"0113 496 0{rnd.randint(100, 999)}", 1),
                        ("Others in the house", str(rnd.randint(0, 4)), 1),
                        ("Cars", rnd.choice(["None", "One", "Two"]), 1),
                    ],
                ]
            )
            for question, answer in (
                (
                    "Were you at home on the night of Thursday 6 to Friday 7 November 2025?",
                    rnd.choice(
                        ["Yes.", "Yes, all night.", "From about eleven.", "No, at work. My wife was."]
                    ),
                ),
                ("Did you see or hear anything out of the way?", deck.deal()),
                (
                    "Do you know anybody who has lately taken an interest in the units?",
                    rnd.choice(
                        [
                            "No.",
                            "Kids on bikes.",
                            "People with dogs, all the time.",
                            "A man asked me in the summer who guarded it at night. I said I didn't know.",
                        ]
                    ),
                ),
                (
                    "Have you a camera at your door?",
                    rnd.choice(
                        [
                            "No.",
                            "No.",
                            "Yes, but it looks at the step. Checked: nothing.",
                            "Yes. Keeps a day. Gone.",
                        ]
                    ),
                ),
            ):
                p.text(f"**{question}**", after=2)
                p.text(answer, after=10)
            for text, on in (
                ("Statement to be taken", False),
                ("Refer to the incident room", "tune" in answer),
                ("No further action", True),
            ):
                p.tick(text, on)
            p.sign(rnd.choice(["Imran Sadiq", "Ross Marsh", "Harpreet Deol"]), "Officer")
        return p.save()

    return build


CALDER_ANSWERS = [
    "No, I sleep at the back.",
    "No.",
    "A motorbike revving, after two. It went on a bit.",
    "The dog barked about two. He barks at foxes.",
    "Somebody whistling on the towpath. A tune, like for ice cream. I thought, in November?",
    "No. I take a tablet.",
    "A white van went past fast about three, no lights. I was up with the baby.",
    "Only the lorry in the lay-by. His engine was off.",
    "No, nothing. You lot woke me up at six.",
    "I heard glass, but they're always breaking glass there.",
    "I was watching the darts. I'd not have heard a bomb.",
]
YARD_ANSWERS = [
    "A shutter, about twenty past three. There's always a shutter.",
    "No.",
    "Two men laughing. One of them whistled and got told to shut up.",
    "A man with a beard has been in and out of number 12 since the start of the month. I don't know him. He had a key.",
    "No, I'm deaf in that ear.",
    "A white van. It had its hazards on.",
    "Ciaran's a good lad. He did my lock for nothing.",
]


def ptph(path: Path, seed: int) -> int:
    p = police_form(
        path,
        "PTPH",
        "PLEA AND TRIAL PREPARATION HEARING FORM",
        marking="CROWN COURT AT LEEDS",
        text_size=10.5,
        leading=1.5,
    )
    p.form(
        [
            [
                ("Case", story.REFERENCE, 1),
                ("URN", story.URN, 1),
                ("Hearing", "9 February 2026", 1),
                ("Judge", ADLER, 1.2),
            ],
            [
                ("Defendant 1", "Marcus BATES", 1),
                ("Counsel", "Daniel Okafor", 1),
                ("Solicitors", "Quayle & Brooke", 1.2),
            ],
            [
                ("Defendant 2", "Ciaran DOYLE", 1),
                ("Counsel", "Mari Llwyd", 1),
                ("Solicitors", "Tudur Parry Cyfreithwyr", 1.2),
            ],
            [
                ("Prosecution", "Priya Shah", 1),
                ("Officer in the case", "DC 2986 Nkemelu", 1),
                ("Bail", "Conditional, both", 1.2),
            ],
        ]
    )
    p.heading("Pleas", 12.5)
    p.table(
        ["Count", "Offence", "Bates", "Doyle"],
        [
            ("1", "Conspiracy to burgle", "Not guilty", "Not guilty"),
            ("2", "Handling stolen goods", "Not guilty", "-"),
            ("3", "Converting criminal property", "-", "Not guilty"),
        ],
        [40, 240, 90, 90],
        size=10,
        pad=5,
    )
    p.heading("Real issues", 12.5)
    p.text(
        "Bates: attribution of 07700 900617; presence; identification. Doyle: presence; duress; source of the cash."
    )
    p.heading("Witnesses required", 12.5)
    needed = [
        "feroz",
        "ramsden",
        "hobbs",
        "aoife",
        "kirk",
        "yard",
        "llyr",
        "rowlands",
        "holroyd",
        "sadiq",
        "cutler",
        "nkemelu",
        "marchbank",
        "tring",
        "vance",
        "osei",
        "hale",
        "deakin",
    ]
    p.table(
        ["Witness", "Required by", "Issue", "Minutes in chief", "Cross"],
        [
            (
                PEOPLE[k].formal,
                {
                    "hobbs": "Bates",
                    "ramsden": "Bates",
                    "osei": "Doyle",
                    "aoife": "Doyle",
                    "yard": "Doyle",
                    "llyr": "Bates",
                    "hale": "Bates",
                    "vance": "Bates",
                }.get(k, "Both"),
                {
                    "hobbs": "What time he came in; the second telephone",
                    "ramsden": "Identification; the date",
                    "llyr": "Identification (evidence in Welsh)",
                    "rowlands": "The passenger (evidence in Welsh)",
                    "tring": "Cell site",
                    "osei": "Transfer of DNA",
                    "hale": "Other sources of glass",
                }.get(k, "As in statement"),
                str(10 + 5 * (len(k) % 6)),
                str(15 + 5 * (len(k) % 7)),
            )
            for k in needed
        ],
        [140, 70, 180, 70, 50],
        size=9.5,
        pad=4,
    )
    p.heading("Language", 12.5)
    for text, on in (
        ("A witness wishes to give evidence in Welsh: Siân Llŷr, Eifion Rowlands", True),
        ("A defendant wishes to give evidence in Welsh", False),
        ("A defendant wishes to take the oath in Welsh: Ciaran Doyle", True),
        ("Interpreter between Welsh and English ordered", True),
    ):
        p.tick(text, on)
    p.heading("Orders", 12.5)
    p.table(
        ["What", "By whom", "By when"],
        [
            ("Prosecution evidence and initial disclosure", "Prosecution", "2 March 2026"),
            ("Defence statements", "Each defendant", "30 March 2026"),
            ("Applications", "All", "13 April 2026"),
            ("Responses", "All", "27 April 2026"),
            ("Jury bundle", "Prosecution", "11 May 2026"),
            ("Pre-trial review", "All", "18 May 2026"),
            ("Trial, 12 days", "All", "14 September 2026"),
        ],
        [260, 130, 110],
        size=10,
        pad=5,
    )
    p.sign("Ruth Adler", "Judge", "9 February 2026")
    return p.save()


def timetable(path: Path, seed: int) -> int:
    p = police_form(
        path, "WT", "WITNESS TIMETABLE (DRAFT 3)", marking="CROWN COURT AT LEEDS", size=A4L, text_size=10
    )
    days = [
        ("Mon 14 Sept", "Jury sworn; opening", ""),
        ("Tue 15 Sept", "Nadia Feroz; Graham Pike (read)", "PC Holroyd; CCTV played"),
        ("Wed 16 Sept", "Keith Ramsden; Eifion Rowlands (Welsh)", "Siân Llŷr (Welsh); Rhian Pryce if needed"),
        ("Thu 17 Sept", "Leanne Hobbs (screen)", "Aoife Doyle; Derek Oldroyd"),
        ("Fri 18 Sept", "Gordon Kirk; Alan Thackray (read); Peter Lomax", "Legal argument"),
        ("Mon 21 Sept", "PC Sadiq; PC Cutler; Colin Brandreth", "Helen Marchbank"),
        ("Tue 22 Sept", "Dr Mark Tring", "Dr Mark Tring"),
        ("Wed 23 Sept", "Dr Alison Vance; Judith Hale", "Dr Kwame Osei"),
        ("Thu 24 Sept", "Robert Deakin; Meera Patel", "DC Nkemelu; interviews"),
        ("Fri 25 Sept", "Agreed facts; close of prosecution case", "Submissions"),
        ("Mon 28 Sept", "Case for Bates", "Case for Bates"),
        ("Tue 29 Sept", "Case for Doyle (oath in Welsh)", "Speeches"),
    ]
    p.table(
        ["Day", "Morning, 10:30 to 13:00", "Afternoon, 14:05 to 16:15"], days, [100, 330, 330], size=11, pad=8
    )
    return p.save()


def chronology(path: Path, seed: int) -> int:
    p = police_form(path, "CHR", "CHRONOLOGY", marking="AGREED SAVE WHERE SHOWN", size=A4L, text_size=10)
    rows = [
        ("9 Feb to 25 May 2023", "Eleven deliveries signed 'M Bates' at Unit 7", "NF/4"),
        ("28 June 2024", "Doyle dismissed by Wharfe", "Lomax"),
        ("21 July 2024", "Unit 12 let to Doyle", "Oldroyd"),
        ("12 August 2025", "Radio path of alarm reported faulty", "Lomax"),
    ]
    for e in story.contacts(seed):
        rows.append(
            (
                f"{e.at:%d %b %Y %H:%M:%S}",
                f"{e.kind} from {e.a} to {e.b}" + (f", {spoken(e.seconds)}" if e.seconds else ""),
                f"HM/1 row {story.contacts(seed).index(e) + 1}",
            )
        )
    rows += [
        ("18 November 2025", "Arrest and first interview of Bates", "RN/2"),
        ("26 November 2025", "Arrest and interview of Doyle; search of Unit 12", "RN/3"),
        ("27 November 2025", "Siân Llŷr reads the notice to the trade and rings the police", "Llŷr"),
        ("9 January 2026", "Second interview of Bates; both charged", "RN/4"),
        ("12 January 2026", "Sent by the magistrates", ""),
        ("9 February 2026", "Plea and trial preparation hearing", "E"),
    ]
    p.table(["When", "What", "Source"], rows, [140, 500, 120], size=10, pad=4.5)
    return p.save()


def order_of_bail(who: str, conditions: Sequence[str]) -> Callable[[Path, int], int]:
    def build(path: Path, seed: int) -> int:
        p = police_form(
            path,
            "BAIL",
            "RECORD OF DECISION TO GRANT CONDITIONAL BAIL",
            marking="CROWN COURT AT LEEDS",
            text_size=11,
            leading=1.6,
        )
        p.form(
            [
                [("Defendant", who, 2), ("Case", story.REFERENCE, 1), ("Date", "9 February 2026", 1)],
                [
                    ("To surrender at", "Crown Court at Leeds, Court 5", 2),
                    ("On", "14 September 2026 at 09:45", 1.4),
                ],
            ]
        )
        p.heading("Conditions", 12.5)
        p.numbered(conditions)
        p.heading("Reasons", 12.5)
        p.text(
            "The court has substantial grounds for believing that without these conditions the defendant would interfere with witnesses. It has none for believing that he would fail to surrender."
        )
        p.text(
            "If you do not come to court when you should, you may be fined, sent to prison or both. If you break a condition you may be arrested."
        )
        p.sign(who, "Signature of defendant", "9 February 2026")
        p.sign("Tom Price", "For the court", "9 February 2026")
        return p.save()

    return build


def rep_order(who: str, firm: str, counsel: str) -> Callable[[Path, int], int]:
    def build(path: Path, seed: int) -> int:
        p = police_form(
            path, "REP", "REPRESENTATION ORDER", marking="CRIMINAL LEGAL AID", text_size=11, leading=1.6
        )
        p.form(
            [
                [
                    ("Defendant", who, 2),
                    ("Case", story.REFERENCE, 1),
                    ("MAAT reference", str(6_000_000 + sum(map(ord, who)) * 97), 1),
                ],
                [("Provider", firm, 2), ("Advocate", counsel, 2)],
                [
                    ("From", "12 January 2026", 1),
                    ("Proceedings", "Trial on indictment", 1.4),
                    ("Contribution", "None assessed", 1),
                ],
            ]
        )
        p.text(
            "The grant is for one advocate, a junior. An application for two may be made to the court. The provider is to upload notes of counsel's attendance within 14 days of each hearing."
        )
        p.sign("Tom Price", "For the court", "14 January 2026")
        return p.save()

    return build


def cps(
    path_to: Sequence[str], date: str, subject: str, body: Sequence[str], ref: str = "Our ref: PS/13DD0123426"
) -> Callable[[Path, int], int]:
    def build(path: Path, seed: int) -> int:
        return letter(
            path,
            ["Prosecution Service, Yorkshire", "Wellington Quay, Leeds LS1 4CV", "Tel 0113 496 0200"],
            path_to,
            date,
            ref,
            subject,
            body,
            "Priya Shah",
            "Senior Crown Prosecutor",
        )

    return build


def letter_welsh(path: Path, seed: int) -> int:
    return letter(
        path,
        ["Siambrau'r Afon", "Heol y Dŵr, Caerdydd / Cardiff CF10 3VK", "Ffôn / Tel 029 2018 0000"],
        ["Y Clerc / The List Officer", "Llys y Goron yn Leeds / Crown Court at Leeds"],
        "20 Ebrill / April 2026",
        f"Ein cyf. / Our ref. ML/{story.REFERENCE}",
        "Iaith y llw / Language of the oath",
        [
            "Ysgrifennaf ar ran Mr Ciaran Doyle. Dymuna dyngu'r llw yn Gymraeg pan rydd ei dystiolaeth, a rhoi'r dystiolaeth ei hun yn Saesneg.",
            "I write for Mr Ciaran Doyle. He wishes to take the oath in Welsh when he gives evidence, and to give the evidence itself in English.",
            "Gofynnaf hefyd fod y llythrennau ŵ ac ŷ yn cael eu cadw ym mhob copi: ar y fersiwn a gyflwynwyd gyntaf trodd 'dau ŵr' yn 'dau ?r' a 'Tŷ Aur' yn 'T? Aur'.",
            "I ask also that the letters ŵ and ŷ be kept in every copy: in the version first served 'dau ŵr' had become 'dau ?r' and 'Tŷ Aur' had become 'T? Aur'.",
            "Byddwn yn ddiolchgar am gadarnhad erbyn dechrau Mai. / I should be grateful for confirmation by the beginning of May.",
        ],
        "Mari Llwyd",
        "Bargyfreithiwr / Barrister",
        (0.0, 0.32, 0.30),
        "Yn gywir / Yours faithfully",
        "Annwyl Syr neu Fadam / Dear Sir or Madam",
    )


def other_indictment(path: Path, seed: int) -> int:
    p = Paper(
        path,
        title="Indictment",
        font="serif",
        text_size=12,
        leading=1.5,
        margins=(68, 64, 68, 62),
        late=footer("T20267002  Indictment"),
    )
    p.text("**IN THE CROWN COURT AT LEEDS**", after=2)
    p.text("Case No. T20267002", after=20)
    p.text("REX", align="centre")
    p.text("-v-", align="centre")
    p.text("JADE LOCKWOOD", align="centre", font="serif-b", after=16)
    p.text("INDICTMENT", align="centre", font="serif-b", after=16)
    p.text("JADE LOCKWOOD is charged as follows:", font="serif-i")
    p.text("**COUNT 1**")
    p.text("FRAUD BY FALSE REPRESENTATION, contrary to section 1 of the Fraud Act 2006.")
    p.text(
        "JADE LOCKWOOD, on the 3rd day of December 2025, dishonestly and intending thereby to make a gain for herself, made a representation to Halcyon Lettings which was and which she knew was or might be untrue or misleading, namely that she was entitled to let 8 Marigold Court, Leeds."
    )
    return p.save()


def other_summary(path: Path, seed: int) -> int:
    p = Paper(
        path,
        title="Case summary",
        text_size=11.5,
        leading=1.6,
        margins=(66, 64, 66, 56),
        late=footer("T20267002  Case summary"),
    )
    p.text("**R v Lockwood: case summary**", 14, after=10)
    p.numbered(
        [
            "The defendant advertised a flat that was not hers to let and took deposits of £650 from four students.",
            "She says that her landlord had told her that she might sublet.",
            "The issue is dishonesty. There is one civilian witness, Tomasz Wilk, and the bank statements.",
        ]
    )
    return p.save()


def other_statement(path: Path, seed: int) -> int:
    p = Paper(
        path,
        title="Statement of Tomasz Wilk",
        text_size=11.5,
        leading=1.7,
        margins=(66, 64, 66, 56),
        late=footer("T20267002  MG11 Wilk"),
    )
    p.text("**WITNESS STATEMENT: Tomasz Wilk**", 14, after=10)
    for t in (
        "I am a student. On 3 December 2025 I answered an advertisement for a room at 8 Marigold Court. I met a woman called Jade there. She had a key.",
        "I paid £650 by transfer. When I came with my bags on 10 January the lock had been changed and a family was living there.",
    ):
        p.text(t, after=9)
    p.sign("Tomasz Wilk", date="14 January 2026")
    return p.save()


BATES_ONLY, DOYLE_ONLY = ("prosecution", "bates", "court"), ("prosecution", "doyle", "court")
OTHER = {"case": "T20267002"}
SPECS = [
    Spec(
        "INDICTMENT - BATES & DOYLE (signed).pdf",
        "A",
        "Indictment",
        "2026-02-09",
        indictment,
        served_days_ago=90,
    ),
    Spec(
        "Notice of sending 12-01-2026.pdf",
        "A",
        "Notice of sending",
        "2026-01-12",
        paper(
            "Notice of sending for trial",
            [
                "On 12 January 2026 the Leeds Magistrates' Court sent Marcus Bates and Ciaran Doyle to the Crown Court at Leeds for trial under section 51 of the Crime and Disorder Act 1998.",
                "The offences are: burglary other than a dwelling (both); handling stolen goods (Bates); converting criminal property (Doyle).",
                "Both were granted bail on the conditions that the police had imposed. Neither indicated a plea.",
                "Plea and trial preparation hearing: 9 February 2026.",
            ],
            "Edwin Hartley",
            "12 January 2026",
            job="Legal adviser",
        ),
        served_by="court",
        served_days_ago=118,
    ),
    Spec("MG5 Case Summary v4.pdf", "B", "Case summary", "2026-02-06", summary, served_days_ago=92),
    Spec(
        "Opening note PS 04.05.26.pdf",
        "B",
        "Opening note for the prosecution",
        "2026-05-04",
        opening,
        served_days_ago=16,
    ),
    Spec(
        "Basis of plea - M Bates - Ct 2.pdf",
        "C",
        "Basis of plea, Marcus Bates, count 2",
        "2026-03-16",
        paper("Basis of plea", BASIS, "Marcus Bates", "16 March 2026", "bates"),
        served_by="bates",
        served_days_ago=58,
    ),
    Spec(
        "CPS response to BoP 23.03.2026.pdf",
        "C",
        "Prosecution response to basis of plea",
        "2026-03-23",
        paper("Response to basis of plea", BASIS_REPLY, "Priya Shah", "23 March 2026", "bates"),
        served_days_ago=52,
    ),
    Spec(
        "Defence Statement BATES signed 30 March 2026.pdf",
        "D",
        "Defence statement of Marcus Bates",
        "2026-03-30",
        paper("Defence statement", DS_BATES, "Marcus Bates", "30 March 2026", "bates", leading=1.8),
        served_by="bates",
        served_days_ago=45,
    ),
    Spec(
        "Datganiad Amddiffyn - Defence Statement DOYLE.pdf",
        "D",
        "Defence statement of Ciaran Doyle",
        "2026-03-30",
        paper("Defence statement", DS_DOYLE, "Ciaran Doyle", "30 March 2026", "doyle", leading=1.8),
        served_by="doyle",
        served_days_ago=45,
        extra={"language": "cy"},
    ),
    Spec(
        "PTPH form T20267001.pdf",
        "E",
        "Plea and trial preparation hearing form",
        "2026-02-09",
        ptph,
        served_by="court",
        served_days_ago=90,
    ),
    Spec(
        "Order HHJ Adler 9 Feb 2026.pdf",
        "E",
        "Order of HHJ Ruth Adler",
        "2026-02-09",
        paper("Order", ORDER, "Ruth Adler", "9 February 2026", job="Circuit Judge"),
        served_by="court",
        served_days_ago=90,
    ),
    Spec("Chronology v2 - bates doyle.pdf", "E", "Chronology", "2026-04-28", chronology, served_days_ago=20),
    Spec(
        "witness timetable DRAFT3.pdf", "E", "Witness timetable", "2026-05-11", timetable, served_days_ago=12
    ),
    Spec(
        "s10 Agreed facts.pdf",
        "F",
        "Agreed facts",
        "2026-05-08",
        paper("Agreed facts", ADMISSIONS, "Priya Shah", "8 May 2026", leading=1.8),
        served_days_ago=13,
    ),
    Spec(
        "Custody Record HR-25-11804 BATES.pdf",
        "L",
        "Custody record, Marcus Bates",
        "2025-11-18",
        custody(
            "Marcus Bates",
            "14/03/1987",
            "HR/25/11804",
            datetime.fromisoformat("2025-11-18T07:15:00"),
            CUSTODY_B,
            "DC 2986 Nkemelu",
            "To allow the prompt and effective investigation of the offence",
        ),
        served_days_ago=90,
    ),
    Spec(
        "Custody Record HR-25-12077 DOYLE.pdf",
        "L",
        "Custody record, Ciaran Doyle",
        "2025-11-26",
        custody(
            "Ciaran Doyle",
            "02/09/1991",
            "HR/25/12077",
            datetime.fromisoformat("2025-11-26T07:40:00"),
            CUSTODY_D,
            "DC 1745 Arkwright",
            "To allow the prompt and effective investigation of the offence",
        ),
        served_days_ago=90,
    ),
    Spec(
        "Search record 14 Cragside Tce 181125.pdf",
        "L",
        "Premises search record, 14 Cragside Terrace",
        "2025-11-18",
        search_record(
            story.BATES_HOME,
            "PC 5120 Imran Sadiq",
            "06:55",
            "09:20",
            "18/11/2025",
            "Section 18, Police and Criminal Evidence Act 1984",
            ROOMS_B,
        ),
        served_days_ago=90,
    ),
    Spec(
        "scan_20251126_0007 search Fenton Row.pdf",
        "L",
        "Premises search record, 5 Fenton Row",
        "2025-11-26",
        search_record(
            story.DOYLE_HOME,
            "PC 3307 Joanne Cutler",
            "07:20",
            "08:35",
            "26/11/2025",
            "Section 32, Police and Criminal Evidence Act 1984",
            ROOMS_D,
            rotate=90,
        ),
        served_days_ago=90,
    ),
    Spec(
        "scan_20251126_0008 search Unit 12.pdf",
        "L",
        "Premises search record, Unit 12, Wellbeck Yard",
        "2025-11-26",
        search_record(
            story.LOCKUP,
            "PC 3307 Joanne Cutler",
            "09:38",
            "11:50",
            "26/11/2025",
            "Section 18, Police and Criminal Evidence Act 1984",
            ROOMS_L,
            rotate=90,
        ),
        served_days_ago=90,
    ),
    Spec(
        "MG16 BATES PNC print.pdf",
        "N",
        "Previous convictions, Marcus Bates",
        "2026-01-12",
        pnc("Marcus Bates", "14/03/1987", "04/118823K", PNC_B),
        visible_to=BATES_ONLY,
        served_days_ago=90,
    ),
    Spec(
        "MG16 DOYLE PNC print.pdf",
        "N",
        "Previous convictions, Ciaran Doyle",
        "2026-01-12",
        pnc("Ciaran Doyle", "02/09/1991", "16/402217R", PNC_D),
        visible_to=DOYLE_ONLY,
        served_days_ago=90,
    ),
    Spec(
        "BC application Bates s101 10.04.2026.pdf",
        "Q",
        "Application to adduce bad character, Bates",
        "2026-04-10",
        paper(
            "Application to adduce bad character",
            BAD_CHARACTER,
            "Priya Shah",
            "10 April 2026",
            "bates",
            leading=1.8,
        ),
        visible_to=BATES_ONLY,
        served_days_ago=36,
    ),
    Spec(
        "Reply to BC app (Okafor).pdf",
        "Q",
        "Response to bad character application",
        "2026-04-24",
        paper(
            "Response to application to adduce bad character",
            BAD_REPLY,
            "Daniel Okafor",
            "24 April 2026",
            "bates",
            leading=1.8,
        ),
        served_by="bates",
        visible_to=BATES_ONLY,
        served_days_ago=24,
    ),
    Spec(
        "Special measures HOBBS.pdf",
        "Q",
        "Application for special measures, Leanne Hobbs",
        "2026-04-13",
        paper(
            "Application for a special measures direction",
            SPECIAL,
            "Priya Shah",
            "13 April 2026",
            leading=1.8,
        ),
        served_days_ago=33,
    ),
    Spec(
        "Hearsay notice GK1 and text 0402.pdf",
        "Q",
        "Notice of hearsay evidence",
        "2026-04-13",
        paper("Notice to introduce hearsay evidence", HEARSAY, "Priya Shah", "13 April 2026", leading=1.8),
        served_days_ago=33,
    ),
    Spec(
        "s8 CPIA application Doyle 27.04.26.pdf",
        "Q",
        "Application for disclosure under section 8",
        "2026-04-27",
        paper(
            "Application under section 8 of the Criminal Procedure and Investigations Act 1996",
            SECTION8,
            "Mari Llwyd",
            "27 April 2026",
            "doyle",
            leading=1.8,
        ),
        served_by="doyle",
        served_days_ago=21,
    ),
    Spec(
        "Ltr CPS to Quayle Brooke 14-04-26.pdf",
        "R",
        "Letter to the solicitors of Marcus Bates",
        "2026-04-14",
        cps(
            ["Quayle & Brooke Solicitors", "Leeds LS1 6KM"],
            "14 April 2026",
            "R v Bates: count 2 and credit",
            [
                "I write to you alone, as what follows does not concern Mr Doyle.",
                "If Mr Bates were to plead guilty to count 1 before the pre-trial review the prosecution would not seek a trial of count 2, and would not ask for the matter of £2,140 (IS/4) to be looked into further.",
                "It has been put to us that he might be able to help with who Daz is. Any approach must come from you, in writing, and through the officer in the case. We make no promise of any kind.",
                "This offer is open until 4 pm on 15 May 2026.",
            ],
        ),
        visible_to=BATES_ONLY,
        served_days_ago=32,
    ),
    Spec(
        "Ltr CPS to Tudur Parry re RD2.pdf",
        "R",
        "Letter to the solicitors of Ciaran Doyle",
        "2026-04-20",
        cps(
            ["Tudur Parry Cyfreithwyr", "Wrecsam / Wrexham LL11 1MK"],
            "20 April 2026",
            "R v Doyle: messages in RD/2, and item 31",
            [
                "Thank you for your letter of 8 April.",
                "The eleven messages between 'D' and Mr Doyle are set out at part 4 of RD/2. We agree that they were sent and received at the times shown. We do not agree that they prove a threat.",
                "Item 31 of the schedule does not meet the test for disclosure.",
                "We have asked the kebab shop for its book. The order was placed by telephone from 07700 900388 at 20:15 on 6 November 2025.",
            ],
        ),
        visible_to=DOYLE_ONLY,
        served_days_ago=27,
    ),
    Spec(
        "Llythyr ML 20-04-2026 iaith y llw.pdf",
        "R",
        "Llythyr: iaith y llw / Letter: language of the oath",
        "2026-04-20",
        letter_welsh,
        served_by="doyle",
        served_days_ago=27,
        extra={"language": "cy"},
    ),
    Spec(
        "PSR BATES M confidential.pdf",
        "T",
        "Pre-sentence report, Marcus Bates",
        "2026-05-05",
        paper(
            "Pre-sentence report", PSR, "Joy Adeyemi", "5 May 2026", "bates", "Probation officer", leading=1.8
        ),
        served_by="court",
        visible_to=BATES_ONLY,
        served_days_ago=15,
    ),
    Spec(
        "VPS Harland and Pike.pdf",
        "T",
        "Business impact statement, Harland & Pike Ltd",
        "2026-04-30",
        paper("Impact statement for business", IMPACT, "Graham Pike", "30 April 2026", leading=1.8),
        served_days_ago=18,
    ),
    Spec(
        "Rep Order Bates.pdf",
        "U",
        "Representation order, Marcus Bates",
        "2026-01-14",
        rep_order("Marcus BATES", "Quayle & Brooke Solicitors", "Daniel Okafor"),
        served_by="court",
        visible_to=("bates", "court"),
        served_days_ago=116,
    ),
    Spec(
        "Rep Order Doyle.pdf",
        "U",
        "Representation order, Ciaran Doyle",
        "2026-01-14",
        rep_order("Ciaran DOYLE", "Tudur Parry Cyfreithwyr", "Mari Llwyd"),
        served_by="court",
        visible_to=("doyle", "court"),
        served_days_ago=116,
    ),
    Spec(
        "Bail Bates 090226.pdf",
        "V",
        "Bail, Marcus Bates",
        "2026-02-09",
        order_of_bail(
            "Marcus Bates",
            [
                "To live and sleep at 9 Elmtree Close, Morley, the home of his mother.",
                "Not to speak to or get in touch with Leanne Hobbs, save through solicitors about their daughter.",
                "Not to speak to or get in touch with Ciaran Doyle or any witness for the prosecution.",
                "To report to Morley police station on Mondays and Fridays between 17:00 and 19:00.",
            ],
        ),
        served_by="court",
        visible_to=BATES_ONLY,
        served_days_ago=90,
    ),
    Spec(
        "Bail Doyle 090226.pdf",
        "V",
        "Bail, Ciaran Doyle",
        "2026-02-09",
        order_of_bail(
            "Ciaran Doyle",
            [
                f"To live and sleep at {story.DOYLE_HOME}.",
                "Not to speak to or get in touch with Marcus Bates or any witness for the prosecution, save his sister Aoife.",
                "Not to go to Wellbeck Yard, Armley.",
            ],
        ),
        served_by="court",
        visible_to=DOYLE_ONLY,
        served_days_ago=90,
    ),
    Spec(
        "Proof of evidence MB PRIVILEGED.pdf",
        "PDB",
        "Proof of evidence of Marcus Bates",
        "2026-03-12",
        paper("Proof of evidence", PROOF_B, "Marcus Bates", "12 March 2026", "bates", leading=1.8),
        served_by="bates",
        served_days_ago=60,
    ),
    Spec(
        "Conf note 24 April DO.pdf",
        "PDB",
        "Note of conference, 24 April 2026",
        "2026-04-24",
        paper("Note of conference", CONF_B, names="bates", leading=1.8),
        served_by="bates",
        served_days_ago=24,
    ),
    Spec(
        "Nodyn presenoldeb 17-04-26.pdf",
        "PDD",
        "Nodyn presenoldeb, 17 Ebrill 2026",
        "2026-04-17",
        paper("Nodyn presenoldeb", NOTE_D, names="doyle", leading=1.8),
        served_by="doyle",
        served_days_ago=30,
        extra={"language": "cy"},
    ),
    Spec(
        "CD proof - drafft 2.pdf",
        "PDD",
        "Proof of evidence of Ciaran Doyle",
        "2026-03-20",
        paper("Proof of evidence", PROOF_D, "Ciaran Doyle", "20 March 2026", "doyle", leading=1.8),
        served_by="doyle",
        served_days_ago=56,
    ),
    Spec(
        "MG6C schedule 26.02.2026.pdf",
        "UND1",
        "Schedule of unused material (MG6C)",
        "2026-02-26",
        schedule,
        served_days_ago=75,
    ),
    Spec(
        "DMD Bates Doyle.pdf",
        "UND1",
        "Disclosure management document",
        "2026-02-27",
        disclosure_document,
        served_days_ago=75,
    ),
    Spec(
        "Unused 01 - Incident log 0214-07112025.pdf",
        "UND2",
        "Incident log",
        "2025-11-07",
        incident,
        served_days_ago=70,
    ),
    Spec(
        "Unused 02 - H2H Calder Lane.pdf",
        "UND2",
        "House-to-house forms, Calder Lane",
        "2025-11-07",
        house_to_house("Calder Lane", 22, CALDER_ANSWERS),
        served_days_ago=70,
    ),
    Spec(
        "Unused 03 - H2H Wellbeck.pdf",
        "UND2",
        "House-to-house forms, Wellbeck Street",
        "2025-11-27",
        house_to_house("Wellbeck Street", 9, YARD_ANSWERS),
        served_days_ago=70,
    ),
    Spec(
        "Unused 07 - Tower data LDS-0508.pdf",
        "UND2",
        "Tower data, Calder Lane mast",
        "2025-11-07",
        tower,
        served_days_ago=70,
    ),
    Spec(
        "Note HHJ Adler 19-05-26.pdf",
        "CACD2",
        "Note by HHJ Ruth Adler",
        "2026-05-19",
        paper("Note by the judge", JUDGE_NOTE, "Ruth Adler", "19 May 2026"),
        served_by="court",
        served_days_ago=9,
    ),
    Spec("T20267002 INDICTMENT Lockwood.pdf", "A", "Indictment", "2026-02-11", other_indictment, extra=OTHER),
    Spec("T20267002 MG5 Lockwood.pdf", "B", "Case summary", "2026-02-11", other_summary, extra=OTHER),
    Spec(
        "T20267002 MG11 WILK Tomasz.pdf",
        "I",
        "Statement of Tomasz Wilk",
        "2026-01-14",
        other_statement,
        extra=OTHER,
    ),
]
