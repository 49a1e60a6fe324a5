// What one would write with the SDK and nothing else, for comparison: restify, CloudAdapter and its HTTP connector, one
// property of ConversationState in MemoryStorage, read and saved at each turn. No sign-in, as a bot on one's own machine.
const restify = require('restify');
const { ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication, ConversationState, MemoryStorage } = require('botbuilder');

const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({}));
adapter.onTurnError = async (_context, error) => {
  process.stderr.write(`${error.stack}\n`);
};
const state = new ConversationState(new MemoryStorage());
const turns = state.createProperty('turns');

class EchoBot extends ActivityHandler {
  constructor() {
    super();
    this.onMessage(async (context, next) => {
      const count = (await turns.get(context, 0)) + 1;
      await turns.set(context, count);
      await context.sendActivity(`${count}. Vous avez dit : ${context.activity.text}`);
      await next();
    });
  }

  async run(context) {
    await super.run(context);
    await state.saveChanges(context, false);
  }
}

const bot = new EchoBot();
const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, (context) => bot.run(context));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  process.stdout.write(`listening http://127.0.0.1:${server.address().port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
