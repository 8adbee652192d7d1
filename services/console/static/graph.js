// The networks as boxes, the services as nodes, who talks to whom as links that light up.

const LIT_FOR = 900;
const NARROW = 480;
// Units are pixels where the picture need not shrink: boxes, the distance of their centres, sizes of text.
const WIDE_SHAPE = { width: 152, height: 48, column: 204, line: 68, name: 14, place: 11.5 };
const NARROW_SHAPE = { width: 94, height: 44, column: 126, line: 62, name: 12.5, place: 10 };

export class Graph {
  constructor(container, yard, choose) {
    this.container = container;
    this.yard = yard;
    this.byRole = new Map(yard.services.map((service) => [service.role, service.name]));
    this.timers = new Map();
    this.view = cytoscape({
      container,
      elements: [...boxes(yard), ...nodes(yard), ...places(yard), ...links(yard)],
      userZoomingEnabled: false,
      userPanningEnabled: false,
      boxSelectionEnabled: false,
      autoungrabify: true,
      autounselectify: true,
    });
    this.view.on('tap', 'node.chosen-by', (event) => choose(event.target.data('role')));
    this.view.on('mouseover mouseout', 'node.chosen-by', ({ type }) => { container.style.cursor = type === 'mouseover' ? 'pointer' : ''; });
    this.fit();
    new ResizeObserver(() => this.fit()).observe(container);
  }

  /** Draws for the room that there is. */
  fit() {
    this.shape = this.container.clientWidth < NARROW ? NARROW_SHAPE : WIDE_SHAPE;
    this.view.resize();
    this.restyle();
    this.view.layout({ name: 'preset', positions: positions(this.yard, this.shape), fit: false }).run();
    this.view.fit(undefined, 6);
    this.view.zoom(Math.min(this.view.zoom(), 1.25));
    this.view.center();
  }

  /** Takes the colours of the theme in use. */
  restyle() {
    this.view.style(style(this.shape));
  }

  /** Health of every service, and a light on the link of every connection that opened. */
  update({ seen, states }) {
    for (const state of states) {
      if (state.healthy === undefined) continue;
      const node = this.node(state.role);
      node.toggleClass('up', state.healthy).toggleClass('down', !state.healthy).toggleClass('silent', !state.journal);
    }
    for (const role of Object.keys(seen)) this.light(role);
  }

  /** Who fills each role now. */
  name(roles) {
    for (const service of this.yard.services) {
      const implementation = roles[service.role]?.implementation ?? service.implementation;
      const said = lines(service, implementation);
      const place = this.view.getElementById(`place ${service.name}`);
      place.data('label', said.join('\n'));
      place.union(this.node(service.role).data('lines', said.length)).toggleClass('swapped', swapped(implementation));
    }
  }

  node(role) {
    return this.view.getElementById(this.byRole.get(role) ?? role);
  }

  light(role) {
    const link = this.view.edges(`[target = "${this.byRole.get(role) ?? role}"]`);
    link.addClass('lit');
    clearTimeout(this.timers.get(role));
    this.timers.set(role, setTimeout(() => link.removeClass('lit'), LIT_FOR));
  }
}

function boxes(yard) {
  return yard.networks.map((network) => ({
    data: { id: `network ${network.name}`, label: `${network.name}  ${network.subnets.join('  ')}` },
    classes: network.internal ? 'network internal' : 'network',
  }));
}

function nodes(yard) {
  return yard.services.map((service) => {
    const networks = Object.keys(service.addresses);
    const parent = networks.length === 1 ? { parent: `network ${networks[0]}` } : {};
    return {
      data: { id: service.name, role: service.role, label: service.name, lines: lines(service, service.implementation).length, ...parent },
      classes: `service silent${service.journal ? ' chosen-by' : ''}`,
    };
  });
}

/** Below its name who fills a role, if it is not ours, and where: text of its own, for one label has one size. */
function places(yard) {
  return yard.services.map((service) => ({ data: { id: `place ${service.name}`, label: lines(service, service.implementation).join('\n') }, classes: 'place' }));
}

function lines(service, implementation) {
  const own = Object.values(service.addresses).map(([address]) => address);
  const port = service.port ? `:${service.port.split('/')[0]}` : '';
  const places = own.map((address, index) => (index === own.length - 1 ? address + port : address));
  return swapped(implementation) ? [implementation, ...places] : places;
}

function swapped(implementation) {
  return !['reference', 'unknown'].includes(implementation);
}

function links(yard) {
  const tall = new Set(yard.services.filter((service) => Object.keys(service.addresses).length > 1).map((service) => service.name));
  return yard.links.map(([source, target]) => ({
    data: { id: `${source} ${target}`, source, target },
    classes: tall.has(source) || tall.has(target) ? 'straight' : '',
  }));
}

/** The client between the others of the outer network; below, what stands on two, and beside it what is inside. */
function positions(yard, { column, line, height }) {
  const found = {};
  const outer = yard.networks.find((network) => !network.internal)?.name;
  const on = (service) => Object.keys(service.addresses);
  const bridges = yard.services.filter((service) => on(service).length > 1);
  const inner = yard.services.filter((service) => on(service).length === 1 && on(service)[0] !== outer);
  const ring = yard.services.filter((service) => !bridges.includes(service) && !inner.includes(service) && service.role !== 'client');
  const rows = Math.ceil(ring.length / 2);
  const put = (service, x, y) => {
    found[service.name] = { x, y };
    found[`place ${service.name}`] = { x, y: y + height * 0.2 };
  };
  ring.forEach((service, index) => put(service, index < rows ? 0 : 2 * column, (index % rows) * line));
  yard.services.filter((service) => service.role === 'client').forEach((service) => put(service, column, ((rows - 1) * line) / 2));
  const below = rows * line + height * 0.75;
  bridges.forEach((service, index) => put(service, column, below + index * line));
  inner.forEach((service, index) => put(service, 2 * column, below + index * line));
  return found;
}

function style(shape) {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const text = { label: 'data(label)', 'text-valign': 'center', 'font-family': 'system-ui, sans-serif' };
  return [
    { selector: 'node.service', style: { ...text, color: colour('ink'), 'font-size': shape.name, 'font-weight': 600, 'text-margin-y': -shape.height * 0.19,
      shape: 'round-rectangle', 'corner-radius': 7, width: shape.width, height: shape.height,
      'background-color': colour('paper'), 'border-width': 1.5, 'border-color': colour('silent') } },
    { selector: 'node[lines > 1]', style: { height: shape.height * 1.3, 'text-margin-y': -shape.height * 0.32 } },
    { selector: 'node[lines > 2]', style: { height: shape.height * 1.6, 'text-margin-y': -shape.height * 0.48 } },
    { selector: 'node.place', style: { ...text, color: colour('faint'), 'font-size': shape.place, 'text-wrap': 'wrap', 'text-max-width': shape.width - 8, 'text-overflow-wrap': 'anywhere', 'line-height': 1.25,
      'background-opacity': 0, width: 1, height: 1, events: 'no' } },
    { selector: 'node.swapped', style: { color: colour('lit') } },
    { selector: 'node.silent', style: { 'border-style': 'dashed' } },
    { selector: 'node.up', style: { 'border-color': colour('up') } },
    { selector: 'node.down', style: { 'border-color': colour('down'), 'border-width': 3.5, 'background-color': colour('alarm') } },
    { selector: 'node.service:active', style: { 'overlay-opacity': 0 } },
    { selector: 'node.network', style: { ...text, color: colour('faint'), 'font-size': shape.place + 0.5, 'text-valign': 'top', 'text-margin-y': -5, 'font-weight': 600,
      shape: 'round-rectangle', 'corner-radius': 10, 'background-color': colour('network'), 'background-opacity': 1, 'border-width': 1, 'border-color': colour('line'),
      padding: shape.width / 12, events: 'no' } },
    { selector: 'node.internal', style: { 'border-style': 'dashed' } },
    { selector: 'edge', style: { width: 1.5, 'line-color': colour('wire'), 'curve-style': 'round-taxi', 'taxi-direction': 'horizontal', 'taxi-turn': '50%', 'taxi-radius': 6, events: 'no' } },
    { selector: 'edge.straight', style: { 'curve-style': 'straight' } },
    { selector: 'edge.lit', style: { width: 4, 'line-color': colour('lit'), 'z-index': 9 } },
  ];
}
