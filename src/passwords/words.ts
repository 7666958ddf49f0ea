/** 1024 short words, ten bits each, for passwords that people copy by hand. Order does not matter, the number does. */
export const WORDS: readonly string[] = `
acorn actor adobe agate agent alarm album alder algae alley almond aloe alpine amber anchor
angle anise ankle antler anvil apple april apron arbor arch arena armor aroma arrow artist ash
aspen aster atlas atom attic audio august aunt aura autumn avenue awning axis azure badge
badger bagel baker ballad ballet balsa bamboo banana banjo banner barley barn basalt basil
basin basket bath baton bay bayou beach beacon bead beagle beam bean bear beaver beech beetle
bell belt bench beret berry birch bird bishop bison blade blaze blue bluff board boat bobbin
bonnet book boot border bottle bow bowl box branch brass bread breeze brick bridge bridle
brook broom broth brush bubble bucket buckle bud buffet bugle bulb bumper bundle bunny buoy
burrow bus bush butter button cabin cable cactus cake calm camel camera camp canal canary
candle candy canoe canopy canvas canyon cape carbon card cargo carol carpet carrot cart cashew
castle cave cedar celery cello cement cereal chain chair chalk chapel charm chart cheese
cherry chess chick chime china chisel chorus cider cinema circle circus citrus city clam clay
cliff clock cloth cloud clover club coal coast cobalt cocoa coffee coil coin collar color
column comet condor copper coral cord cork corn corner cosmos cotton couch cougar court cove
cow crab cradle crane crater crayon cream creek crest crocus crown cruise crumb cube cuckoo
cup curry curve cymbal daily dairy daisy dale dance dapper dawn deck deer delta denim depot
desert desk dew dial diary dill diner dingo dinner disk dock dome donkey donut door dough dove
dragon drama drawer dream dress drift drum duck dune dusk dynamo eagle earth easel east echo
edge eel egg elbow elder elk elm ember emu engine ermine estate fable fabric falcon family fan
farm fawn feast fennel fern ferry fiber fiddle field fig finch finger fir fire fish fjord flag
flame flask flax fleece flint flock flood floor flora flour flower flute fog foil folder
forest fork fossil fox frame frost fruit fudge funnel fuse gala galaxy garden garlic garnet
gate gazebo gecko gem geyser giant gift ginger glade glass globe glove glue gnome goat gold
golf goose gopher gorge grape graph grass gravel green grove guava guest guitar gulf gypsum
habit haiku halo hammer hamper harbor hare harp hat hawk hazel heart heath hedge helmet herald
herb heron hill hinge hive hobby holly honey hood hoof hook horn horse hotel house humble
hummus hut ibis ice icicle igloo iguana indigo ink inlet insect iris iron island ivory ivy
jacket jade jaguar jam jar jazz jeans jelly jersey jetty jewel jigsaw jockey joy jug juice
july june jungle jury kale kayak kelp kennel kettle key kilt kimono kiosk kite kitten kiwi
knee knight knot koala label lace ladder ladle lagoon lake lamb lamp lance lapel larch lark
laser latch laurel lava lawn leaf ledge leek legend lemon lens lentil letter level lever
lichen lilac lily lime linden linen lion liquid list lizard llama lobster lodge loft logo loop
lotus lunar lunch lupine lute lynx lyric macaw magenta magnet magpie mallet mammoth mango
manor mantle maple marble march margin marina market marmot marsh mask mast match mauve meadow
medal mellow melody melon memo mercury merlin mesa metal meteor metro milk mill mint minute
mirror mist mitten mobile mocha modem module mole moment monday monkey monsoon moon moose
morning mosaic moss moth motor mouse muffin mug mural museum music mustard myrtle napkin
nature navy nebula nectar needle nest nettle nickel night noble noodle north nougat number
nutmeg nylon oak oasis oat oboe ocean ocelot october octopus office olive omelet onion onyx
opal opera orange orbit orchard orchid oregano organ origami oriole ostrich otter outpost oval
oven owl oxygen oyster paddle page paint palace palette palm panda panel pansy panther papaya
paper paprika parade parcel park parrot parsley pasta pastel pastry patch path patio peach
peacock peanut pear pearl pebble pecan pedal pelican pen pencil penguin penny peony pepper
perch petal phoenix piano piccolo pickle picnic pier pigeon pillow pilot pine piper pitcher
pixel pizza planet plank plaza plum plume pocket poem polar polka pollen pond pony poplar
poppy porch port poster potato pottery powder prairie prelude pretzel prism prize puddle
puffin pulley pulp pumpkin puppet purple puzzle pyramid quail quarry quartz quay quiche quill
quilt quince quiver rabbit raccoon radar radio radish raft rain raisin ramp ranch raven ravine
record reed reef relay relic ribbon rice ridge ring ripple river road robin robot rocket rodeo
roof room rooster root rope rose rowan ruby rudder rug rumba runway rye saddle safari saffron
sage sail salad salmon salsa salt samba sand sandal sardine satin sauce saucer sauna scale
scallop scarf school scooter scout screen scroll sea seal season seaweed sedan seed sequoia
sesame shade shadow shale shark shawl sheep shelf shell sherbet shield ship shirt shoe shore
shovel shrimp shrub shuttle sienna sierra signal silk silo silver singer siren sketch ski sky
slate sled sleeve slipper sloth smoke snail snow soap soccer sofa solar solo sonata song
sonnet soup south soy spade spark sparrow spatula spice spider spinach spindle spiral sponge
spoon spring spruce square squash squid stable stadium stage stair stamp star station statue
steam steel stem stew stitch stone stool stork storm stove straw stream string studio sugar
summer summit sun sunset surf swallow swan sweater swing sword syrup table tablet taco tailor
talon tandem tango tartan taxi tea teal teapot temple tempo tennis tent terrace theater
thimble thistle thread thrush thunder thyme ticket tide tiger tile timber tin toast toffee
tomato topaz torch tornado toucan towel tower town toy tractor trail train tram travel tray
tree trellis tribe trio trolley trophy trout truffle trumpet tub tuba tugboat tulip tuna
tundra tunnel turban turkey turnip turtle tuxedo twig twine unicorn urchin valley vanilla
vapor vase vault velvet veranda verse vest viaduct village vine vinegar viola violet violin
visor vista volcano voyage waffle wagon wallet walnut walrus waltz wasabi water wave wax
weasel weaver wedge west whale wharf wheat wheel whisk whistle willow wind window winter wolf
wombat wood wool wren yacht yam yard yarn yarrow yeast yellow yodel yogurt yolk zebra zenith
zephyr zinc zinnia zipper zodiac
`
  .trim()
  .split(/\s+/);
