"""Section I: the statements of the witnesses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from casebundle.demo import story
from casebundle.demo.forms import Spec, statement
from casebundle.demo.story import KEY_EVENTS, PEOPLE, phone_text, spoken

Paras = list[str]


def at(name: str) -> str:
    """The time of a key call as a statement says it: 02:14:27 hours on 7 November 2025."""
    e = KEY_EVENTS[name].at
    return f"{e:%H:%M:%S} hours on {story.long_date(e)}"


def item_list(*refs: str) -> Paras:
    return [f"- {story.EXHIBITS[r].what}, which I exhibit as {r}." for r in refs]


def feroz(seed: int) -> Paras:
    return [
        "I am the operations manager of Harland & Pike Ltd, a wholesaler of watches and jewellery. I have held that post since April 2019. "
        f"We trade from {story.UNIT}. The office telephone number is {story.OFFICE} and my work mobile is {story.FEROZ}. I make this statement from "
        "my own knowledge and from the records of the company, which I keep.",
        "Unit 7 is a single-storey warehouse with a mezzanine. There is one pedestrian door to the front, which opens into the reception and "
        "office, and one roller shutter door to the rear yard, which we call the loading door. Inside, at the east end, is the secure room. Its "
        "walls are blockwork to the two sides and a double skin of steel-faced panel to the warehouse side. I exhibit as NF/2 a plan of the unit "
        "to scale which was made for our insurers in 2024 and which is still right.",
        "The alarm was installed by Wharfe Alarm Services Ltd in 2020. It reports by a telephone line to Northgate Alarm Receiving Centre. There was "
        "meant to be a second path by radio. I was told in August 2025 that the radio unit was faulty and that a part was on order. Nobody outside "
        "the company and Wharfe should have known that the radio path was not working.",
        "In 2022 and 2023 the engineer who came from Wharfe to service the alarm was a man called Ciaran. I knew him only by that name. He was polite "
        "and he liked to talk. He once told me, when he was working at the panel in my office, that 'if you kill the line first, the rest is just a noise "
        "in an empty room'. I remember it because I repeated it to Mr Pike and asked whether we ought to have the radio unit tested.",
        "# Thursday 6 November 2025",
        "I left at 18:20 hours. I set the alarm myself with my own code, which is user 03. Before that I locked the secure room and checked the handle. "
        "The trays for the Friday collection had been packed and were on the second shelf, which is unusual: as a rule they would be in the safe. "
        "Six of us knew that.",
        "# Friday 7 November 2025",
        "At about ten past six in the morning I was telephoned at home by Keith Ramsden, the security officer of the trade park. I reached the unit at "
        "06:48 hours. A police officer, PC Holroyd, was there. I did not go in until she said that I might. The loading door had been cut across its "
        "lower three slats. The glass of the office door was broken and lay on the office side. A hole about seventy centimetres by sixty had been "
        "cut in the panel wall of the secure room. The shelves inside were bare.",
        f"I have checked the stock against our records. {story.WATCHES_TAKEN} watches and 38 trays of jewellery are missing. Their value at trade price, without "
        f"VAT, is {story.LOSS}. I exhibit the schedule as NF/1. Every watch is listed with its maker, model and serial number, from our purchase ledger.",
        "I exhibit as NF/3 the log of our access control and alarm panel from 31 October to 7 November 2025, which I printed from the panel myself. It shows "
        "the line fault at 02:11:33 hours and a break-glass contact on the office door at 02:27:10 hours.",
        "# Marcus Bates",
        "I have been asked whether I know the name Marcus Bates. I do. He was a van driver for Aire Parcels Ltd and in the spring of 2023 he was the regular "
        "driver to our loading door. I have found eleven delivery notes signed 'M Bates', from 9 February to 25 May 2023. I exhibit them as NF/4. He came into the "
        "loading bay to have them signed, and on two or three occasions I made him a cup of tea in the office. From the loading bay one can see the door of the "
        "secure room.",
        "Neither Marcus Bates nor the man I know as Ciaran, nor anybody else, had my permission or that of the company to be in the building that night or to "
        "take anything from it.",
    ]


def feroz2(seed: int) -> Paras:
    items = [i for i in story.stock(seed) if i.found]
    return [
        "Further to my statement of 7 November 2025. On 3 December 2025 I went to the property store at the request of DC 2986 Nkemelu. I was shown seventeen "
        "wrist watches in sealed bags: fourteen marked JC/2 and three marked SL/2. I compared the serial number on the back of each with the schedule NF/1.",
        "All seventeen are ours. The lines of the schedule are as follows.",
        *[
            f"- Line {i.line}: {i.what}, serial number {i.serial}, stock number {i.stock}, trade price £{i.value:,} (exhibit {i.found})."
            for i in items
        ],
        f"The seventeen together have a trade price of £{sum(i.value for i in items):,}. Each of them was in the secure room when I locked it on 6 November 2025: they were "
        "counted that afternoon, because the quarter's stock-take was under way.",
        "None of the other watches, and none of the jewellery, has been returned to us.",
    ]


def ramsden(seed: int) -> Paras:
    return [
        "I am a security officer employed by Aire Guarding Ltd. I have worked nights at Calder Lane Trade Park since January 2021. My mobile number is "
        f"{story.RAMSDEN}. I work alone. I keep a log by hand, which I exhibit as KR/1. The times in it are from my own watch, which I set by the radio.",
        "On Thursday 6 November 2025 I came on at 21:45 hours. It was dry, cold and clear, with a bright moon until about one o'clock. I walk round all nine "
        "units every two hours and check every door by hand.",
        "I did my 01:30 patrol and everything was secure. I put my hand on the loading door of Unit 7 and it was down and locked. I went back to the gatehouse "
        "and made my tea. The gatehouse is by the north gate. You cannot see the rear yard of Unit 7 from it, because Unit 5 stands between.",
        "At some time after two, I would say between five past and a quarter past, I heard somebody whistling. It came from the direction of Units 6 and 7. "
        "It was the tune that an ice cream van plays, the one that goes up at the end, and it stopped in the middle. I thought it was a man walking "
        "along the towpath, because people do come home that way from the pubs. I did not go out. I wish I had.",
        "At about twenty past two I heard a sound which I took for a motorcycle being revved a long way off. I now think that it was a grinder.",
        "My next patrol ought to have been at 03:30. I did not do it. I had been told that week that I was to be let go at the end of the month, and I was not in a "
        "good frame of mind. I sat in the gatehouse until nearly six. I have told my employer this and I have told the police this, because it is the truth.",
        "At 05:55 hours I walked round to Unit 7 and saw that the bottom of the loading door had been cut away. The edges were clean and bright. There was grey dust on the "
        "concrete like flour. I did not go in. I rang 999 on my mobile and the log of my telephone says that I did so at 06:02:41 hours. Then I rang Nadia Feroz.",
        "On the ground by the kerb, about four metres from the loading door, was a grey work glove for the right hand. I did not touch it. I pointed it out to the officer.",
        "# Thursday 30 October 2025",
        "There is one other thing. A week before, on the Thursday, at about half past nine in the evening, when I had come in early, two men were standing at the rear fence on the towpath side, "
        "looking in. One was about six foot, slim, and wore a green bobble hat with a white bobble. The other was shorter and heavier and had a tool bag over his shoulder "
        "with 'WHARFE' on it in yellow. I shone my torch and the one in the hat said 'Only looking for the dog, mate'. I saw no dog. I had them in view "
        "for about half a minute, at about fifteen metres, under the lamp by Unit 6. Nothing was in the way. I had not seen either of them before, that I know of.",
        "I would know the one in the green bobble hat again. I am less sure of the other.",
        "I have not been shown any photographs of anybody, and I have not looked for anybody on social media.",
    ]


def ramsden2(seed: int) -> Paras:
    return [
        "On Tuesday 2 December 2025 I attended the identification suite. I was told that the person I saw might or might not be in the films. I was shown two sets of nine.",
        "In the first set I picked out number 6. I said: 'That is the man in the green bobble hat.' I had no doubt. I have since been told, after I had signed for my choice, that "
        "number 6 was Marcus Bates.",
        "In the second set I picked out nobody. I said that number 2 was the nearest for build, but that I could not swear to him.",
        "I have been asked again about the date on which I saw the two men by the fence. In my first statement I said Thursday 30 October. I have looked at my log and the entry about "
        "the two men and the dog is on the page for **Tuesday 28 October**. I was wrong about the day. It was the Tuesday. I was wrong because I had two quiet "
        "weeks and they ran together in my mind. What I saw was as I have said it.",
    ]


def pike(seed: int) -> Paras:
    return [
        "I am a director of Harland & Pike Ltd. My grandfather began the business in 1951 with a stall in the market. We employ nineteen people.",
        "I produced no records myself and rely on what Nadia Feroz says about the stock. I can speak of the insurance. Our policy has a condition that the alarm must have two working paths. "
        "Because the radio path was not working, the insurers have reserved their position and, as I speak, have paid nothing.",
        "In March 2024 we ended our contract with Wharfe Alarm Services Ltd for a month, over a disputed bill, and then took it up again. During that month their engineer, Ciaran "
        "Doyle, rang me twice and offered to look after the system himself 'for cash and no paperwork'. I said no. I remember that he said, not in a "
        "nasty way, 'You'd be surprised what people will pay to know about a place like yours.' I took it for a joke.",
        "I have known Keith Ramsden for four years. I have no complaint of him.",
    ]


def hobbs(seed: int) -> Paras:
    return [
        f"I live at {story.BATES_HOME}. I have lived there with Marcus Bates since 2021. We have a daughter who is three. I work as a receptionist at Beeston Dental Practice, "
        f"telephone {story.HOBBS_WORK}. My mobile number is {story.HOBBS}. I have been told that I do not have to give evidence against Marcus and that I am not married to him. I want to "
        "tell the truth and have it over.",
        f"Marcus's phone number is {story.BATES}. It is a Samsung. That is the one I have in my contacts, under 'M'. He had another one as well. It was "
        "a little black phone with buttons, the cheap sort. He kept it in the door of the Golf, and when I asked him about it he said it was 'for work'. I first saw it at the "
        "beginning of October. I never rang it and I did not know the number.",
        f"I have been shown my own call records, which I am told are exhibit HM/6. There is a call to me at {at('oven')}, from {story.BURNER}, which lasted {KEY_EVENTS['oven'].seconds} seconds. I do "
        "remember it. It was a Sunday. It was a number that I did not know and it was Marcus. He asked me to put the oven on, because he was on his way "
        "back. I said 'Whose phone is this?' and he said 'It's mine, I'll tell you after'.",
        "# The night of Thursday 6 November 2025",
        "I went to bed at about half past ten. Marcus was downstairs with the television on. I heard the front door at, I think, ten to eleven or just after. I did not hear the car. His Samsung was "
        "on charge in the kitchen: I saw it there when I got up for our daughter at two o'clock, or a few minutes before. He was not in bed and he was not downstairs.",
        "He came in at about half past four in the morning. I know because I looked at the clock on the cooker. He had a shower. He smelt of burnt metal, like when somebody has been using a grinder. "
        "He had on his navy hooded jumper. I asked him where he had been and he said 'Helping a mate with a gearbox'. He put the jumper in the wash himself, "
        "which he has never done before.",
        "At twelve minutes past seven I rang his Samsung from the school gate where my sister's children go, to ask him to take the bins out. He sounded asleep.",
        "On the Saturday morning, the 8th, he burnt something in the garden in the old wheelbarrow. It stank of plastic. I have not seen the little black phone since.",
        "# Monday 10 November 2025",
        "He told me that he was working a long run for the parcels. He sent me a message at dinner time with a picture of a castle and the sea, and said 'Wish you were here'. I rang him back. He said that he was in "
        "Scarborough. I have been to Scarborough and there is a castle there, so I thought nothing of it.",
        "He gave me three hundred pounds that night in twenty-pound notes for the Christmas club.",
        "Marcus has a green bobble hat. My mum knitted it. It has a white bobble. I have looked for it and I cannot find it.",
    ]


def hobbs2(seed: int) -> Paras:
    return [
        "I made a statement on 20 November 2025. I want to add to it and to change one thing.",
        "I said that I heard the front door at ten to eleven. I cannot be sure of that. I was half asleep. It may have been later, nearer to midnight. I am sure about the time that he came in, "
        "because of the cooker clock, and about the smell.",
        "Since I made my statement I have had a message from a number that I do not know. It said 'Think of the little one, nobody likes a grass'. I showed it to DC Nkemelu and she photographed it. I do not say that "
        "Marcus sent it. I do not know who sent it. I am frightened and I would like to give my evidence from behind a screen.",
        "I still want to tell the truth.",
    ]


def aoife(seed: int) -> Paras:
    return [
        f"I am the sister of Ciaran Doyle. I live in Headingley. My mobile number is {story.AOIFE}. Ciaran and I are close and we speak most days.",
        "I have been told that Ciaran has said that he hired a van in November to move furniture for me. That is not right. I never moved any furniture in November. I bought a sofa in August and the shop delivered it. "
        "I did not ask Ciaran to hire a van and he did not tell me that he had.",
        "I know that he rents a lock-up at Wellbeck Yard in Armley, because I once took him his lunch there. He keeps his tools and his bicycle in it. I have never had a key.",
        "I have heard him speak of somebody called Daz. I have never met him. Ciaran said once, in about the middle of October, that Daz 'doesn't take no for an answer'. He seemed worried. I asked and he would not "
        "say any more. He had stopped sleeping and he had lost weight.",
        "Ciaran whistles when he is nervous. He has done it since he was small. Our mother used to say that she could hear him coming to confession. I am asked what he whistles. It is "
        "anything: adverts, the ice cream van. I do not want to get him into trouble, but I have been asked and I have answered.",
    ]


def thackray(seed: int) -> Paras:
    return [
        f"I am a self-employed plumber and I live in Harrogate. I own a white Ford Transit van, registration number {story.PLATE}. I have owned it from new. There is a ladder rack on "
        "it and my name is on both sides in blue.",
        "On the night of 6 to 7 November 2025 the van was on my drive. I had flu and had not driven it since the Tuesday. My wife can say so too. I did not lend it to anybody. My number plates are on it still and they "
        "have not been off it.",
        "In October I had two letters about a bus lane in Leeds city centre on 14 and 21 October. I wrote back to say that I had not been in Leeds. The photographs that came with the letters show a white Transit with my number and no ladder rack. "
        "I have given the letters to the police.",
        "I have never met Marcus Bates or Ciaran Doyle and I do not know the names.",
    ]


def kirk(seed: int) -> Paras:
    return [
        f"I am the proprietor of Kirk Van Hire, Holbeck. Our number is {story.VANHIRE}. We have eleven vans.",
        f"On 4 November 2025 at about ten past ten in the morning I took a call from a man who asked what I had in a long wheelbase Transit, white, 'with nothing written on it'. I wrote the number that was on the display on my "
        f"pad, as I always do, in case people do not turn up. It was {story.BURNER}. I am told that the call began at {KEY_EVENTS['van'].at:%H:%M:%S} and lasted {spoken(KEY_EVENTS['van'].seconds)}; that sounds right. He had a Leeds "
        "accent. He said that his mate would come in for it with his licence.",
        f"At about half past ten a man came in and hired a van for six days. He showed me a driving licence in the name of Ciaran Doyle, of {story.DOYLE_HOME}, with his photograph on it. It was him. He paid by card, £318. I exhibit the "
        f"agreement, number 20418, as GK/1. The van was a white Ford Transit, registration number {story.VAN}.",
        "All my vans have a tracker. I have printed the report for that van from 4 to 10 November and I exhibit it as GK/2. The tracker gives a position every two minutes when the ignition is on. On 6 November at 23:02 hours it "
        "stops reporting and it begins again on 7 November at 04:11 hours. In my experience that is not a fault: the only way to stop it is to pull the plug behind the fuse box. You would need to know where it was.",
        "The van came back on 10 November at about five in the afternoon. It was very clean, inside and out. It had been valeted, which people do not do with hired vans. There was a fresh scratch about a metre long on the nearside door, "
        "and on the floor in the back a quantity of fine grey dust in the grooves, which I swept up and threw away. I did not know then that it mattered.",
        "The screws of both number plates were new. I noticed because mine are black and these were silver.",
    ]


def arc(seed: int) -> Paras:
    return [
        f"I am an operator at Northgate Alarm Receiving Centre, telephone {story.ARC}. On the night of 6 to 7 November 2025 I worked from 22:00 to 06:00 hours.",
        "Account 40712 is Harland & Pike Ltd, Unit 7, Calder Lane Trade Park. At 02:11:33 hours our equipment showed a line fault on that account. No intruder signal came before it and none after it.",
        "The instructions for a line fault with no radio path are to ring the first keyholder. I rang the number on the account three times, at 02:13, 02:16 and 02:31 hours. It did not answer. The number on the account was that of Mr "
        "Harland, who I am told died in 2022. I then put the account on the list for the day shift. I exhibit the history as YC/1.",
        "I did not tell the police, because a line fault alone is not a reason to do so under the national policy.",
    ]


def lomax(seed: int) -> Paras:
    return [
        f"I am the service manager of Wharfe Alarm Services Ltd, telephone {story.WHARFE}. Ciaran Doyle was employed by us as a service engineer from 6 May 2019 until 28 June 2024, when he was dismissed for doing work for our "
        "customers on his own account.",
        "Our records show that he attended Harland & Pike Ltd, Unit 7, on nine occasions: six routine services and three call-outs. He was there when the radio unit was fitted and he signed the drawing that shows where the telephone line "
        "enters the building, which is at low level behind a steel cover on the yard side.",
        "An engineer is issued with a tool bag with WHARFE on it in yellow. Mr Doyle's was not returned when he left. We wrote to him about it and he did not answer.",
        "The radio unit at Unit 7 was reported faulty on 12 August 2025. That is on our job system. I am asked who could see it. Any engineer could. So could anybody who had kept a log-in, and I am sorry to say that Mr Doyle's was not "
        "closed until 24 November 2025. The system shows that it was used on 2 October 2025 at 21:08 hours to open the job sheet for Unit 7.",
    ]


def yard(seed: int) -> Paras:
    return [
        "I manage Wellbeck Yard, Armley, for the owners. There are twenty-two lock-ups. Unit 12 has been let to Ciaran Doyle since 21 July 2024 at £165 a month, paid by transfer from his bank.",
        "The gate has a keypad. Each tenant has his own code. The code for Unit 12 was used on 7 November 2025 at 03:17 hours and the gate opened outward again at 03:49 hours. I printed the gate record and gave it to PC Cutler.",
        "I live over the office. I was woken that night by a shutter. I looked out and saw a white van at the bottom of the yard with its back doors open and two men carrying bags. I could not see faces. One of them was whistling and the "
        "other one told him, with a swear word, to stop. I looked at the clock and it was twenty past three. I went back to bed.",
        "On the Tuesday after, the 11th, Mr Doyle asked me whether the cameras in the yard worked. I told him that they had not worked since the summer. He said 'Good to know'.",
    ]


def council(seed: int) -> Paras:
    return [
        "I am a CCTV operations officer in the council's control room. The cameras at Hunslet Road and at Armley Gyratory are recorded all the time and their clock is set by a time server.",
        "On 8 November 2025 I was asked by DC 1745 Arkwright to look for a white Ford Transit van. I found it as follows.",
        "- Hunslet Road: 7 November 2025, 01:47:31 hours, outbound; and 02:58:44 hours, inbound.",
        "- Armley Gyratory: 6 November 2025, 23:44:15 hours, eastbound; and 7 November 2025, 03:09:24 hours, westbound.",
        f"In each the number plate reads {story.PLATE}. In the last there are two people in the front. The passenger wears something pale on the top of the head. The driver wears a cap. I cannot say who they are.",
        "I copied the recordings to a disc, which I exhibit as LB/1. I made stills and a log, which I exhibit as LB/2.",
    ]


def holroyd(seed: int) -> Paras:
    return [
        "I am a police officer stationed at Leeds District. At 06:09 hours on Friday 7 November 2025, on duty in uniform with PC 5120 Sadiq, I was sent to Unit 7, Calder Lane Trade Park. We arrived at 06:17 hours.",
        "We were met by Keith Ramsden. He took us to the rear yard. I saw that the three lower slats of the roller door of Unit 7 had been cut through on both sides and lay on the ground. By the kerb, about four metres from the door, was a grey work "
        "glove. I put a cone over it and told everybody to keep away from it.",
        "I looked in through the gap with my torch and shouted. There was no answer. At 06:24 hours I went in on my hands and knees to see that nobody was there. I touched nothing that I could help touching. The floor inside was covered in "
        "fine grey dust in which there were marks of shoes. I walked at the edge. I saw a hole in the wall of the secure room. I came out by the same way at 06:31 hours and closed the scene. I began a log.",
        "At 08:05 hours CSI 8112 Whitworth came and I handed the scene to him.",
        "# CCTV",
        "At 09:40 hours, with Nadia Feroz, I looked at the recorder. It has six cameras. I compared its clock with the speaking clock: it was right to the second. I copied the recordings from 22:00 hours on 6 November to 06:30 hours on 7 November to a disc, "
        "which I sealed and exhibit as AH/1. I have since watched all of it and made a timeline with stills, which I exhibit as AH/2. The chief entries are these.",
        *[f"- {t} hours: {what[0].lower() + what[1:]}." for t, what, ref in story.TIMELINE if ref == "AH/2"],
        "One of the two people is about six feet tall and slim. That person wears a hat with a pompom, dark trousers, a dark hooded top and light shoes. The other is shorter and heavily built and carries a bag over the shoulder. Both have their "
        "faces covered from the nose down. The camera is monochrome at night: I can say nothing about colours.",
        "At 02:13:50 hours, on camera 2, the shorter of the two puts a hand to the side of the head as if with a telephone and keeps it there until 02:14:40.",
    ]


def sadiq(seed: int) -> Paras:
    return [
        f"At 06:42 hours on Tuesday 18 November 2025, with DC 2986 Nkemelu and others, I went to {story.BATES_HOME}. The door was opened by a man who said that he was Marcus Bates. DC Nkemelu arrested him on suspicion of burglary and cautioned him. "
        "He said: 'You've got the wrong lad. I was in bed.'",
        "I then searched the house under section 18 of the Police and Criminal Evidence Act 1984. The search began at 06:55 and ended at 09:20 hours. The search record is in the bundle. I found and seized the following.",
        *item_list("IS/1", "IS/2", "IS/3", "IS/4"),
        "The trainers IS/1 were on the rack by the back door. They were damp and the soles had been scrubbed. The receipt IS/2 was inside a motoring magazine in the downstairs lavatory. It is from Hunslet News & Booze and reads 'E-TOP UP £10.00 07700 900617'. "
        "It is dated 1 October 2025 at 15:58 hours. The jumper IS/3 was in the airing cupboard. The cash IS/4 was in a child's wellington boot.",
        "DC Nkemelu seized a Samsung telephone, RN/1, from the kitchen. I looked for a second telephone, with buttons, and for a green hat. I found neither. In the garden was a wheelbarrow with burnt matter in it, which had been wetted. I photographed it. A "
        "laboratory could make nothing of it.",
        f"In the drive was a grey Volkswagen Golf, {story.GOLF}. In the pocket of the driver's door was an empty box for a Nokia telephone, which I did not seize. I ought to have done. I photographed it and the photograph is number 38 in the album PW/1.",
    ]


def cutler(seed: int) -> Paras:
    return [
        f"At 07:05 hours on Wednesday 26 November 2025 I went with DC 1745 Arkwright and PC 5120 Sadiq to {story.DOYLE_HOME}. Ciaran Doyle came to the door. DC Arkwright arrested him. He made no reply. He was whistling under his breath while he found his shoes.",
        "I searched the flat between 07:20 and 08:35 hours and seized an iPhone, JC/6, which Doyle handed to me, and a key on a ring with a tag marked '12'.",
        f"At 09:30 hours I went to {story.LOCKUP}. Derek Oldroyd, the manager, showed me Unit 12. The key opened the padlock. I searched the unit between 09:38 and 11:50 hours and seized the following.",
        *item_list("JC/1", "JC/2", "JC/3", "JC/4", "JC/5"),
        "The notebook JC/1 was in the drawer of a workbench. On the eleventh page is written: 'Thurs late – grinder, 2 discs, M bring ladders, kill the line first, 35 mins in & out'. On the page after it is a drawing which looks to me like the plan of a building with a "
        "room marked with a cross. I have compared it with NF/2 and it looks alike.",
        "The watches JC/2 were in a blue holdall behind a bicycle. The grinder JC/3 was on a shelf; it had no disc on it and it was clean. The cash JC/4 was in a biscuit tin, under a loose slab. It was £11,200 in twenties and tens. The number plates JC/5 were behind the door. "
        "They read YJ68 KHV. They had been drilled for screws and one silver screw was still in them.",
        "I was present when each was photographed where it lay. I sealed each one in the presence of DC Arkwright and I handed them all to Colin Brandreth, exhibits officer, at 13:15 hours.",
    ]


def nkemelu(seed: int) -> Paras:
    e = KEY_EVENTS
    return [
        "I am a detective constable in the District Crime Team and the officer in the case.",
        "# Marcus Bates",
        f"At 06:42 hours on Tuesday 18 November 2025 I arrested Marcus Bates at {story.BATES_HOME}. I seized a Samsung telephone, RN/1. I asked him for its number and he gave it as {story.BATES}. I asked whether he had any other telephone. He said 'No. Just that.'",
        "On the same day between 14:05 and 18:22 hours, with DC 1745 Arkwright, I interviewed him. He was represented by Harriet Quayle of Quayle & Brooke. He answered every question. I exhibit the record as RN/2. He said that he had been at home all night; that he had never set foot on Calder Lane in his life; "
        f"that he had never used {story.BURNER}; and that he had not been to Wales since he was a child.",
        "He was bailed. On 9 January 2026 I interviewed him again about the receipt from Caernarfon, the number plate readings and the delivery notes. On advice he made no comment, save once. I exhibit the record as RN/4.",
        "# Ciaran Doyle",
        "On Wednesday 26 November 2025 between 15:10 and 17:34 hours, with DC Arkwright, I interviewed Ciaran Doyle. He was represented by Owain Tudur of Tudur Parry. He read a prepared statement and then answered some questions and not others. I exhibit the record as RN/3.",
        "# Telephones",
        f"I caused call data to be obtained for {phone_text(story.BATES)}, {phone_text(story.BURNER)}, {phone_text(story.DOYLE)}, {phone_text(story.THIRD)} and {phone_text(story.HOBBS)}. The third is registered to Ciaran Doyle. The second and the fourth are pay-as-you-go and are not "
        "registered to anybody.",
        "I say that the 617 telephone was used by Marcus Bates for these reasons.",
        "- It was first topped up at Hunslet News & Booze on 1 October 2025. The receipt was in his house (IS/2) and his bank card paid £10 there that day (MP/1).",
        f"- At {at('oven')} it rang his partner, who says that it was he.",
        "- It was seen, if it is the same telephone, in the door of his car by Leanne Hobbs.",
        "- When it is at rest at night it is on the cells that serve his home, as Dr Tring says (MT/1).",
        f"- It was used for the last time at {e['end'].at:%H:%M} hours on 8 November 2025, the morning on which Leanne Hobbs says that something was burnt in the garden. Texts and calls to it after that were not delivered.",
        "# Enquiries that led nowhere",
        f"I have not been able to find out who used {story.THIRD}. It was on the cell at Quarry Hill each time and it has not been used since 11 November 2025. I made enquiries about the name 'Daz' with the intelligence unit. I have nothing that I can put before the court.",
    ]


def arkwright(seed: int) -> Paras:
    return [
        "On 26 November 2025 I arrested Ciaran Doyle on suspicion of burglary. He made no reply. I was second officer in the interviews RN/2, RN/3 and RN/4 and I have read the records. They are right, save that at two places in RN/2 the word was 'lock-up' where the typist has 'look-up', and these have been mended.",
        "On 10 December 2025 I drove from Wellbeck Yard to Unit 7, Calder Lane, at two o'clock in the morning, at the speed limit, by Armley Gyratory and Hunslet Road. It took 14 minutes. The distance is 6.9 kilometres. I drove it again the other way and it took 15 minutes.",
        "On 11 December 2025 I went to Caernarfon. I walked from the car park by the quay to the shop called Tŷ Aur in Stryd y Llyn. It took four minutes. I took photographs, which are numbers 41 to 44 in the album. I spoke to Siân Llŷr through an officer of North Wales Police who speaks Welsh and she gave me SL/1 and "
        "SL/2, which I sealed.",
        "The watches SL/2 bear the serial numbers of lines 17, 58 and 133 of the schedule NF/1.",
    ]


def whitworth(seed: int) -> Paras:
    return [
        "I am a crime scene investigator. I hold the certificate of the national training centre and I have done this work for thirteen years.",
        "At 08:05 hours on Friday 7 November 2025 I took over the scene at Unit 7, Calder Lane Trade Park from PC 4471 Holroyd. I examined it until 15:40 hours. I took photographs, and others were taken by me or handed to me later, and I have put them together in an album which I exhibit as PW/1.",
        "# Outside",
        "The roller door had been cut through its lower three slats with a rotary tool, on the left at 41 cm from the guide and on the right at 38 cm. I cut off one end of a slat with a cut edge on it (PW/4). A worn cutting disc 125 mm across lay at the foot of the wall (PW/6). The steel cover over "
        "the telephone line had been unscrewed and laid down with its four screws in a row on top of it. The line had been cut once, cleanly.",
        "By the kerb was a grey work glove for the right hand. I put it in a paper bag (PW/5).",
        "# Office",
        "The glass of the lower panel of the office door had been broken from the warehouse side. I took a control sample from what was left in the frame (PW/3). On the vinyl floor, in dust, 1.2 metres from the door and pointing to the secure room, was a mark of a right shoe. I photographed it with a scale and then lifted it on gelatine (PW/2).",
        "# Secure room",
        "A hole 71 cm wide and 62 cm high had been cut in the panel wall. Its lower edge was 28 cm from the floor. The cut was made from the warehouse side. Inside, the shelves were empty save for three trays which were upside down on the floor.",
        "I looked for finger marks at all the places where one would put a hand. There were only smears such as gloves make.",
        "I handed PW/2 to PW/6 to Colin Brandreth at 16:30 hours on the same day.",
    ]


def marchbank(seed: int) -> Paras:
    rows = [
        "first",
        "oven",
        "recce",
        "van",
        "eve1",
        "eve2",
        "near",
        "eight",
        "out",
        "after",
        "last",
        "end",
        "pawn",
    ]
    total = len([e for e in story.contacts(seed) if {e.a, e.b} == {story.BURNER, story.DOYLE}])
    return [
        "I am a communications data analyst. I have had from the networks the call data for five telephones, which I exhibit: "
        f"HM/2 ({story.BATES}), HM/3 ({story.BURNER}), HM/4 ({story.DOYLE}), HM/5 ({story.THIRD}) and HM/6 ({story.HOBBS}). The times are in Greenwich Mean Time, or British Summer Time before 26 October 2025. I have made from them a schedule of contact, which I "
        "exhibit as HM/1.",
        "In the data a voice call has a duration in hours, minutes and seconds. A text has none. The cell is that at which the call began. If no cell is given, the network did not have one, or the number is not one of the five.",
        f"Between 1 October and 8 November 2025 there were {total} contacts between {story.BURNER} and {story.DOYLE}. The 617 number was in contact with four numbers only: those two, {story.HOBBS} once and {story.VANHIRE} once.",
        f"The numbers {story.BATES} and {story.DOYLE} were in ordinary contact in August and September 2025. After 16:00 hours on 1 October 2025 there is no contact between them.",
        "I have been asked to set out the contacts which the officer in the case thinks are of most importance.",
        *[
            f"- {KEY_EVENTS[k].at:%d/%m/%Y %H:%M:%S}: {KEY_EVENTS[k].kind.lower()} from {KEY_EVENTS[k].a} to {KEY_EVENTS[k].b}"
            + (f", {spoken(KEY_EVENTS[k].seconds)}" if KEY_EVENTS[k].kind == "Voice" else "")
            + f"; cell {KEY_EVENTS[k].cell} ({story.CELLS[KEY_EVENTS[k].cell].site})."
            for k in rows
        ],
        f"The contract telephone {story.BATES} was last used on 6 November 2025 at 23:40:02, for a text to {story.HOBBS}, and next on 7 November 2025 at 07:12:48, when it answered a call from the same number. It made no use of data between. In the "
        "three months of the record there is no other night on which it made no use of data.",
        f"On 10 November 2025 the same telephone used cells at Milnrow on the M62, Llandudno Junction and Caernarfon. At 10:58:47 it rang {story.PAWN} for {spoken(KEY_EVENTS['pawn'].seconds)}.",
    ]


def stott(seed: int) -> Paras:
    return [
        "I research records of automatic number plate recognition (ANPR) for the police. A camera reads a plate, and the reading, with the time and place and a photograph, is kept. The clocks are set by satellite. A reading may be wrong by a character, and I have looked at the photograph for each that I list here.",
        f"I searched for {story.PLATE}, {story.VAN}, {story.GOLF} and {story.AUDI} between 1 October and 25 November 2025. I exhibit the log as DS/1. It has {len(story.reads(seed))} readings.",
        *[f"- {r.at:%d/%m/%Y %H:%M:%S}, {r.plate}: {story.CAMERAS[r.camera]}." for r in story.KEY_READS],
        f"{story.PLATE} was read in daylight many times on the A61 in Harrogate. Those photographs show a Transit with a ladder rack and lettering. The photographs of 6 and 7 November in Leeds show a Transit with neither.",
        f"{story.GOLF} is kept by Marcus Bates and {story.AUDI} by Ciaran Doyle. On the night of 6 to 7 November neither was read after 21:00 hours.",
        "As for 28 October 2025: the Golf was read on Hunslet Road outbound at 20:58:13 and inbound at 21:44:50. I am told that this is of importance because of what a witness says.",
    ]


def patel(seed: int) -> Paras:
    return [
        "I am an accredited financial investigator. I obtained statements of the current accounts of Marcus Bates (MP/1) and of Ciaran Doyle (MP/2) from June to November 2025 under production orders.",
        "# Marcus Bates",
        "He was paid each month by Aire Parcels Ltd. There are payments to a betting firm, Valhalla Bet, in every month. The following are of note.",
        *[
            f"- {d[8:]}/{d[5:7]}/{d[:4]}: {what}, {story.pounds(a)}."
            for d, what, a in story.KEY_ENTRIES["bates"]
        ],
        "I am asked about £1,850 paid in at the counter in Beeston on 10 November 2025. The branch closed at 17:00. It was paid in at 16:41 hours in twenty-pound notes. The receipt SL/1 shows that £2,350 was paid out in Caernarfon that morning, in twenties. The difference is £500. IS/4 is £2,140 and came, I think, from elsewhere.",
        "# Ciaran Doyle",
        "Since July 2024 his income has been from small invoices. The following are of note.",
        *[
            f"- {d[8:]}/{d[5:7]}/{d[:4]}: {what}, {story.pounds(a)}."
            for d, what, a in story.KEY_ENTRIES["doyle"]
        ],
        "Three sums in cash, each a little under £1,000, were paid in within eight days at two branches: £2,885 in all. I have seen nothing in his accounts or tax records from which these sums, or the £11,200 in JC/4, could have come.",
        "On 5 November 2025 he paid £27.98 at Armley Tool Centre. I asked the shop what for. Its record is two packs of cutting discs, 125 mm, at £13.99.",
    ]


def brandreth(seed: int) -> Paras:
    lines = [
        e for e in story.EXHIBITS.values() if e.by in ("whitworth", "sadiq", "cutler") and e.ref != "PW/1"
    ]
    return [
        "I am the exhibits officer in this case. I keep the register. I received each of the following sealed, gave it a bag number and put it in the store. No seal was broken when I received it.",
        *[
            f"- {e.ref}: {e.what}. Bag E{4471000 + 37 * k}. Shelf {'ABC'[k % 3]}{k + 2}."
            for k, e in enumerate(lines)
        ],
        "On 8 December 2025 I sent PW/2 and IS/1, PW/4, PW/6 and JC/3 to Dr Vance; PW/5 to Dr Osei; PW/3 and IS/3 to Judith Hale. All of them came back sealed on 19 January 2026.",
        "I took RN/1 and JC/6 to Robert Deakin by hand on 27 November 2025.",
        "The bag of IS/3, the jumper, had a small tear in the outer paper at one corner when it came to me on 18 November. The inner bag was whole. I put a note of it on the bag and I told DC Nkemelu. I say so because I have been asked to say everything that might matter.",
    ]


def deakin(seed: int) -> Paras:
    return [
        "I am a digital forensic examiner. On 27 November 2025 I received a Samsung telephone (RN/1) and an iPhone (JC/6). I made a copy of each and I have made two reports from the copies, RD/1 and RD/2.",
        f"RN/1 has the number {story.BATES}. Its owner's account is in the name of Marcus Bates. Between 23:40 on 6 November and 07:12 on 7 November 2025 it was on, it was being charged, and it did not move. Its step counter shows no steps between 22:51 and 07:20. There is a photograph of a castle and the sea made at 11:48 on 10 November 2025; the place in its "
        "data is the quay at Caernarfon. On 9 November there were three searches: 'sell watch for cash no questions', 'pawn shop north wales' and 'tŷ aur caernarfon opening times'.",
        f"JC/6 has the number {story.DOYLE}. In it is a text sent to {story.BURNER} at {at('last')}, which reads: '{story.TEXTS['last']}'. That message had been deleted, and I recovered it. The contact for that number had been saved as 'Boiler'. The contact for {story.THIRD} is saved as 'D'.",
        "There are also in JC/6 eleven messages between 'D' and Doyle of 12 to 30 October 2025, which the defence have asked me to set out. I do so in the report, at part 4.",
    ]


def rowlands_en(seed: int) -> Paras:
    return [
        "[TRANSLATION FROM WELSH BY RHIAN PRYCE, MEMBER OF CYMDEITHAS CYFIEITHWYR CYMRU]",
        "I am a lorry driver from Llanuwchllyn. I drive for a firm that carries slate. On the night of 6 to 7 November 2025 I was parked for the night in the lay-by on Calder Lane in Leeds, about two hundred metres from the south gate of the trade park. I had gone over my hours and could not go on.",
        "I was asleep. I woke because of a noise, a high noise like a saw in stone. I work with slate and I know that sound. The clock in the cab said 02:19. It stopped and started. It went on for perhaps a quarter of an hour.",
        "A little before three a white van came out of the south gate with no lights. It passed me close enough for the cab to rock. There were two men in the front. The man nearest to me, the passenger, had a hat with a bobble on it, a green one: the light of the petrol station was on him. He looked straight at me. He was thin, with a long face.",
        "The tail of the number was KHV. I remember it because K H V are the first letters of my grandchildren's names in order: Catrin is with a C but we say it with a K, Huw, and Fflur, which in my head is with a V. It made me laugh afterwards.",
        "I did not call the police because I did not know that anything had happened. I heard about it on the radio at Tebay services on the Monday.",
    ]


def rowlands_cy(seed: int) -> Paras:
    return [
        "Gyrrwr lori o Lanuwchllyn ydw i. Rwy'n gyrru i gwmni sy'n cario llechi. Ar noson 6 i 7 Tachwedd 2025 roeddwn wedi parcio dros nos yn y gilfan ar Calder Lane yn Leeds, tua dau gan metr o borth deheuol y parc masnach. Roeddwn wedi mynd dros fy oriau ac ni allwn fynd ymlaen.",
        "Roeddwn yn cysgu. Deffrais oherwydd sŵn, sŵn uchel fel llif mewn carreg. Rwy'n gweithio gyda llechi ac rwy'n adnabod y sŵn hwnnw. Roedd cloc y cab yn dweud 02:19. Roedd yn stopio ac yn ailddechrau. Parhaodd am ryw chwarter awr.",
        "Ychydig cyn tri daeth fan wen allan o'r porth deheuol heb oleuadau. Aeth heibio i mi mor agos nes i'r cab siglo. Roedd dau ŵr yn y tu blaen. Roedd gan y gŵr agosaf ataf, y teithiwr, het â phompom arni, un werdd: roedd golau'r orsaf betrol arno. Edrychodd yn syth arnaf. Un tenau oedd o, â wyneb hir.",
        "KHV oedd diwedd y rhif. Rwy'n ei gofio am mai dyna lythrennau cyntaf enwau fy wyrion yn eu trefn: Catrin efo C, ond K ddywedwn ni, Huw, a Fflur, sydd efo V yn fy mhen i. Gwnaeth i mi chwerthin wedyn.",
        "Ni ffoniais yr heddlu am na wyddwn fod dim wedi digwydd. Clywais amdano ar y radio yng ngwasanaethau Tebay ddydd Llun. Pan gyrhaeddais y tŷ dywedais wrth fy ngwraig, a hi ddywedodd wrthyf am ffonio.",
    ]


def llyr_cy(seed: int) -> Paras:
    return [
        f"Gemydd a gwystlwr ydw i. Fi biau siop Tŷ Aur, Stryd y Llyn, Caernarfon. Rhif ffôn y siop yw {story.PAWN}. Rwy'n rhedeg y busnes ers un mlynedd ar bymtheg. Cymraeg yw fy iaith gyntaf ac yn Gymraeg yr wyf am roi fy nhystiolaeth.",
        "Fore Llun 10 Tachwedd 2025, toc cyn un ar ddeg, ffoniodd dyn yn Saesneg a gofyn a oeddwn yn prynu watshys. Dywedais fy mod. Gofynnodd a oedd angen papurau. Dywedais fod arnaf eisiau gweld cerdyn adnabod.",
        "Tua hanner awr yn ddiweddarach daeth gŵr i mewn. Roedd yn dal, tua chwe throedfedd, ac yn denau, â wyneb hir ac acen gogledd Lloegr. Roedd yn gwisgo het wlân werdd â phompom gwyn, a thynnodd hi yn y siop am ei bod yn gynnes. Roedd ei wallt yn olau ac yn fyr iawn. Bûm yn siarad ag ef am ryw chwarter awr, ar draws y cownter, mewn golau da.",
        "Roedd ganddo dair watsh mewn hosan. Dywedodd mai ei daid oedd piau nhw. Dywedais wrtho fod ei daid yn ŵr o chwaeth: roedd dwy ohonynt yn newydd sbon a'r sticer plastig ar y cefn o hyd. Chwarddodd. Cynigiais £2,350 am y tair ac fe'i derbyniodd heb ddadlau, a dylai hynny fod wedi fy rhybuddio.",
        "Dangosodd drwydded yrru yn enw Mark Bateson. Ysgrifennais yr enw yn y llyfr ond ni wnes gopi o'r drwydded. Llofnododd y dderbynneb, rhif 1187. Cynhyrchaf y llyfr a'r dderbynneb fel SL/1 a'r tair watsh fel SL/2.",
        "Wrth fynd dywedodd: 'Lovely castle. Bet nobody's ever broke into that.' Rwy'n cofio'r geiriau am iddynt fy nharo'n od.",
        "Ar 27 Tachwedd darllenais rybudd yr heddlu i'r fasnach. Roedd rhifau cyfresol y tair watsh ar y rhestr. Ffoniais yr heddlu'r un prynhawn. Nid wyf wedi cael ceiniog yn ôl.",
    ]


def llyr_en(seed: int) -> Paras:
    return [
        "[TRANSLATION FROM WELSH BY RHIAN PRYCE, MEMBER OF CYMDEITHAS CYFIEITHWYR CYMRU]",
        f"I am a jeweller and pawnbroker. I own the shop Tŷ Aur, Stryd y Llyn, Caernarfon. The telephone number of the shop is {story.PAWN}. I have run the business for sixteen years. Welsh is my first language and it is in Welsh that I wish to give my evidence.",
        "On the morning of Monday 10 November 2025, shortly before eleven, a man telephoned in English and asked whether I bought watches. I said that I did. He asked whether papers were needed. I said that I should want to see an identity card.",
        "About half an hour later a man came in. He was tall, about six feet, and thin, with a long face and an accent of the north of England. He wore a green woollen hat with a white bobble, and took it off in the shop because it was warm. His hair was fair and very short. I was speaking to him for about a quarter of an hour, across the counter, in good light.",
        "He had three watches in a sock. He said that they had been his grandfather's. I told him that his grandfather was a man of taste: two of them were brand new, with the plastic sticker still on the back. He laughed. I offered £2,350 for the three and he took it without argument, and that ought to have warned me.",
        "He showed a driving licence in the name of Mark Bateson. I wrote the name in the book but I did not copy the licence. He signed the receipt, number 1187. I produce the book and the receipt as SL/1 and the three watches as SL/2.",
        "As he went he said: 'Lovely castle. Bet nobody's ever broke into that.' I remember the words because they struck me as odd.",
        "On 27 November I read the police notice to the trade. The serial numbers of the three watches were on the list. I rang the police the same afternoon. I have not had a penny back.",
    ]


def pryce(seed: int) -> Paras:
    return [
        "I am a translator and interpreter, Welsh to English and English to Welsh, and a full member of Cymdeithas Cyfieithwyr Cymru.",
        "I have translated into English the statements of Siân Llŷr, dated 11 December 2025, and of Eifion Rowlands, dated 15 December 2025. The translations are true and complete.",
        "One word needs a note. In the statement of Eifion Rowlands the words 'dau ŵr' mean 'two men'. The letter ŵ is the letter w with a circumflex. The same word without it would be read otherwise, and I ask that it be kept in any copy.",
        "In the statement of Siân Llŷr the word 'toc' I have put as 'shortly'. It may be five minutes or it may be ten.",
    ]


def _spec(
    file: str,
    key: str,
    title: str,
    date: str,
    body: Callable[[int], Paras],
    number: int,
    days: int = 96,
    welsh: bool = False,
    translation: bool = False,
) -> Spec:
    def build(path: Path, seed: int) -> int:
        return statement(
            path,
            PEOPLE[key],
            title_date(date, welsh),
            body(seed),
            f"W{number}",
            welsh=welsh,
            translation=translation,
        )

    return Spec(
        file, "I", title, date, build, served_days_ago=days, extra={"language": "cy" if welsh else "en"}
    )


MONTHS_CY = [
    "Ionawr",
    "Chwefror",
    "Mawrth",
    "Ebrill",
    "Mai",
    "Mehefin",
    "Gorffennaf",
    "Awst",
    "Medi",
    "Hydref",
    "Tachwedd",
    "Rhagfyr",
]


def title_date(iso: str, welsh: bool = False) -> str:
    """2025-11-07 as 7 November 2025, or 7 Tachwedd 2025."""
    at = story.datetime.fromisoformat(iso)
    return f"{at.day} {MONTHS_CY[at.month - 1]} {at.year}" if welsh else story.long_date(at)


SPECS = [
    _spec("MG11 FEROZ Nadia 07.11.2025.pdf", "feroz", "Statement of Nadia Feroz", "2025-11-07", feroz, 1),
    _spec(
        "MG11 FEROZ Nadia (2nd) 03.12.2025.pdf",
        "feroz",
        "Second statement of Nadia Feroz",
        "2025-12-03",
        feroz2,
        1,
    ),
    _spec("mg11_ramsden_k_071125.pdf", "ramsden", "Statement of Keith Ramsden", "2025-11-07", ramsden, 2),
    _spec(
        "mg11_ramsden_k_2nd_021225.pdf",
        "ramsden",
        "Second statement of Keith Ramsden",
        "2025-12-02",
        ramsden2,
        2,
    ),
    _spec("Stmt - Graham PIKE - 14 Nov 2025.pdf", "pike", "Statement of Graham Pike", "2025-11-14", pike, 3),
    _spec("MG11 HOBBS Leanne 20.11.2025.pdf", "hobbs", "Statement of Leanne Hobbs", "2025-11-20", hobbs, 4),
    _spec(
        "MG11 HOBBS Leanne further 15.01.2026.pdf",
        "hobbs",
        "Further statement of Leanne Hobbs",
        "2026-01-15",
        hobbs2,
        4,
        60,
    ),
    _spec("MG11 DOYLE Aoife 01.12.2025.pdf", "aoife", "Statement of Aoife Doyle", "2025-12-01", aoife, 5),
    _spec(
        "THACKRAY A - statement 12-11-25.pdf",
        "thackray",
        "Statement of Alan Thackray",
        "2025-11-12",
        thackray,
        6,
    ),
    _spec("KIRK_Gordon_MG11_20251113.pdf", "kirk", "Statement of Gordon Kirk", "2025-11-13", kirk, 7),
    _spec("MG11 CASTLE Y 10.11.25.pdf", "arc", "Statement of Yvonne Castle", "2025-11-10", arc, 8),
    _spec("LOMAX Peter MG11 25.11.2025.pdf", "wharfe", "Statement of Peter Lomax", "2025-11-25", lomax, 9),
    _spec("MG11_OLDROYD_Derek_27-11-2025.pdf", "yard", "Statement of Derek Oldroyd", "2025-11-27", yard, 10),
    _spec(
        "MG11 BRAMALL L (CCTV) 09.11.2025.pdf",
        "council",
        "Statement of Louise Bramall",
        "2025-11-09",
        council,
        11,
    ),
    _spec(
        "MG11C LLYR Sian 11.12.2025 Cymraeg.pdf",
        "llyr",
        "Datganiad Siân Llŷr",
        "2025-12-11",
        llyr_cy,
        12,
        welsh=True,
    ),
    _spec(
        "MG11 LLYR Sian 11.12.2025 translation.pdf",
        "llyr",
        "Statement of Siân Llŷr (translation)",
        "2025-12-11",
        llyr_en,
        12,
        translation=True,
    ),
    _spec(
        "MG11C ROWLANDS Eifion 15.12.2025 Cymraeg.pdf",
        "rowlands",
        "Datganiad Eifion Rowlands",
        "2025-12-15",
        rowlands_cy,
        13,
        welsh=True,
    ),
    _spec(
        "MG11 ROWLANDS Eifion 15.12.2025 translation.pdf",
        "rowlands",
        "Statement of Eifion Rowlands (translation)",
        "2025-12-15",
        rowlands_en,
        13,
        translation=True,
    ),
    _spec(
        "MG11 PC 4471 HOLROYD 07.11.2025.pdf",
        "holroyd",
        "Statement of PC 4471 Holroyd",
        "2025-11-07",
        holroyd,
        14,
    ),
    _spec(
        "MG11 PC 5120 SADIQ 18.11.2025.pdf", "sadiq", "Statement of PC 5120 Sadiq", "2025-11-18", sadiq, 15
    ),
    _spec(
        "MG11 PC 3307 CUTLER 26.11.2025.pdf",
        "cutler",
        "Statement of PC 3307 Cutler",
        "2025-11-26",
        cutler,
        16,
    ),
    _spec(
        "MG11 DC 2986 NKEMELU OIC 12.01.2026.pdf",
        "nkemelu",
        "Statement of DC 2986 Nkemelu",
        "2026-01-12",
        nkemelu,
        17,
    ),
    _spec(
        "MG11 DC 1745 ARKWRIGHT 12.12.2025.pdf",
        "arkwright",
        "Statement of DC 1745 Arkwright",
        "2025-12-12",
        arkwright,
        18,
    ),
    _spec(
        "MG11 CSI WHITWORTH 07.11.25.pdf",
        "whitworth",
        "Statement of CSI 8112 Whitworth",
        "2025-11-07",
        whitworth,
        19,
    ),
    _spec(
        "MARCHBANK H comms data MG11 16-12-2025.pdf",
        "marchbank",
        "Statement of Helen Marchbank",
        "2025-12-16",
        marchbank,
        20,
    ),
    _spec(
        "STOTT D ANPR statement 05.12.2025.pdf",
        "stott",
        "Statement of Deborah Stott",
        "2025-12-05",
        stott,
        21,
    ),
    _spec("DFI PATEL MG11 2025-12-18.pdf", "patel", "Statement of Meera Patel", "2025-12-18", patel, 22),
    _spec(
        "MG11 BRANDRETH C exhibits continuity 20.01.2026.pdf",
        "brandreth",
        "Statement of Colin Brandreth",
        "2026-01-20",
        brandreth,
        23,
    ),
    _spec(
        "MG11 DEAKIN R digital 09.01.2026.pdf",
        "deakin",
        "Statement of Robert Deakin",
        "2026-01-09",
        deakin,
        24,
    ),
    _spec(
        "PRYCE Rhian cyfieithydd translator 18.12.2025.pdf",
        "pryce",
        "Statement of Rhian Pryce, translator",
        "2025-12-18",
        pryce,
        25,
    ),
]
